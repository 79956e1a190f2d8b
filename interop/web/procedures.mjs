// The procedures of an authority, an institute, a certification body and a developer at the desk, in headless
// Chromium: a compliance report reviewed beside its evidence, what is restricted, an adverse act from the
// chance to explain to the surcharge and its publication, a court's stay; work given to an institute; a scheme
// from its draft to a certificate and its suspension; the administrator's pages; all of it by keyboard or
// without scripts where that is asked.
//
//   KANAE=path/to/kanae node procedures.mjs FOLDER
import {
  Person, adopt, check, node, operatorSays, play, registered, run, secondOfficer,
} from "./stage.mjs";

const LAW = { regime: "jp-basic-law-2024" };
const inDays = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
const REMEDIES = {
  "remedies.ja": "知った日の翌日から三月以内に審査請求、六月以内に取消訴訟を提起できます。",
  "remedies.en": "Objection within three months, action within six months of knowing of it.",
};

/** An act that needs a second officer: drafted and signed by one, approved by the other, submitted by the first. */
async function decide(first, second, kind, about, answers, more = LAW) {
  await first.begin(kind, about, more);
  await first.fill(answers);
  await first.freeze();
  await first.sign();
  const act = first.page.url();
  await second.go(act);
  await second.page.check("#d-approve");
  await second.page.fill("#reasons_ja", "下書きと裏付けを確認しました。");
  await second.press("form:has(input[value='approve'][name='do']) button");
  await second.sign();
  await first.go(act);
  return first.submit();
}

await play(async () => {
  const first = await Person.come("officer-1", "ja");
  const agency = await registered(first, "officer-1", { ja: "AI監督庁", en: "AI Oversight Agency" }, "agency");
  operatorSays("role-grant", agency, { role: "authority", legalBasis: { ja: "設置法による。", en: "By law." } });
  await adopt("jp-basic-law-2024", "illustration");
  const second = await secondOfficer(first, agency, "agency");
  const accept = async (id, role) => {
    const done = await first.file("role-grant", id, { role, "legalBasis.ja": "登録の申請による。" });
    check(`a ${role} is accepted`, done !== null);
  };

  const developer = await Person.come("developer", "en");
  const minato = await registered(
    developer, "compliance", { ja: "みなと言語研究所", en: "Minato Language Laboratory" }, "minato",
    { "registryId.scheme": "jp-corporate-number", "registryId.value": "8700110005901" });
  await accept(minato, "developer");
  const rival = await Person.come("rival", "en");
  const kaede = await registered(rival, "compliance", { ja: "かえで", en: "Kaede AI" }, "kaede");
  await accept(kaede, "developer");
  const evaluator = await Person.come("evaluator", "ja");
  const institute = await registered(
    evaluator, "evaluation", { ja: "AI安全研究所", en: "AI Safety Institute" }, "institute");
  await accept(institute, "safety-institute");
  const certifier = await Person.come("certifier", "en");
  const body = await registered(
    certifier, "certification", { ja: "さくら認証", en: "Sakura Certification" }, "sakura");
  await accept(body, "certification-body");

  const model = await developer.file("model", minato, {
    slug: "wakaba", "names.ja": "わかば", "names.en": "Wakaba", "description.en": "Writes text.",
  });
  const facts = await developer.file("model-facts", model, {
    "facts.0.name": "compute_cumulative", "facts.0.of.value.which": "interval",
    "facts.0.of.value.interval.low": "1.5e25 FLOP", "facts.0.of.value.interval.high": "1.7e25 FLOP",
    "facts.0.of.knownAt": "2026-11-20T09:00:00",
    "facts.1.name": "general_purpose", "facts.1.of.value.which": "boolean", "facts.1.of.value.boolean": "true",
    "facts.1.of.knownAt": "2026-11-20T09:00:00",
  });
  check("the facts are on record", facts !== null);
  const version = await developer.file("model-version", model, { slug: "v1" });
  check("a version is on record", version !== null);

  // ── What is restricted ────────────────────────────────────────────────────────────────────────
  await first.begin("information-request", model, LAW);
  await first.fill({
    "questions.0.id": "clusters", "questions.0.text.ja": "学習に使った計算機はどこにありますか。",
    "questions.0.text.en": "Where are the machines that trained it?",
    "reasons.ja": "届出の内容を確かめるため。", "reasons.en": "To check the notification.", answerBy: inDays(30),
  });
  const asked = first.draft();
  await first.page.goto(`${asked}/about`);
  await first.page.check("[name='visibility'][value='restricted']");
  await first.page.fill("[name='ground_ja']", "安全管理に関わるため。");
  await first.press("main form.form .buttons button");
  await first.freeze();
  await first.sign();
  const request = await first.submit();
  check("a restricted request is on record", request !== null);
  await first.look("restricted-done");
  for (const person of [developer, first]) {
    const slug = person === developer ? "minato" : "agency";
    await person.go(`desk/as/${slug}/statements/${request}`);
    const text = await person.page.locator("main").innerText();
    check(`${person.name} reads the restricted request`, /計算機|machines/.test(text));
    await person.look("restricted");
  }
  const status = async (person, path) => (await person.page.goto(person.at(path))).status();
  check("a rival does not find it", (await status(rival, `desk/as/kaede/statements/${request}`)) === 404);
  check("nor the public", (await status(rival, `statements/${request}`)) === 404);
  await developer.go("desk");
  check("it is asked of the developer", (await developer.page.locator(`a[href*="about=${request}"]`).count()) === 1);
  await developer.begin("reply", request);
  await developer.fill({
    position: "explains", "answer.en": "In Hokkaido.", "answers.0.question": "clusters", "answers.0.text.en": "In Hokkaido.",
  });
  const answer = developer.draft();
  await developer.page.goto(`${answer}/about`);
  await developer.page.check("[name='visibility'][value='restricted']");
  await developer.page.fill("[name='ground_en']", "Security.");
  await developer.press("main form.form .buttons button");
  await developer.freeze();
  await developer.sign();
  const reply = await developer.submit();
  check("a restricted reply is on record", reply !== null);
  await first.go("desk/as/agency");
  await first.look("restricted-list");
  await first.go(`desk/as/agency/statements/${reply}`);
  await developer.go(`desk/as/minato/statements/${reply}`);
  const readers = await developer.page.locator("main").innerText();
  check("the developer is told who has read its reply", readers.split("Who has read this")[1]?.includes("AI Oversight Agency"), readers);
  await developer.look("readings");

  // ── Advice, and designation by four eyes ──────────────────────────────────────────────────────
  await first.go("desk");
  await first.page.selectOption("#advice-model", model);
  await first.page.selectOption("#advice-regime", "jp-basic-law-2024");
  await first.press("form[action$='/desk/advice'] button");
  await first.freeze();
  await first.sign();
  const assessment = await first.submit();
  check("the advice is on record", assessment !== null);
  const designation = await decide(first, second, "designation", model, {
    developer: minato, class: "advanced-developer", assessment, advice: "departs",
    "reasons.ja": "計算量が基準を超えるため。", "reasons.en": "The compute is above the threshold.",
  });
  check("the designation is on record", designation !== null);

  // ── A compliance report, beside its evidence ──────────────────────────────────────────────────
  const protection = await developer.file("public-report", model, {
    "capabilities.en": "Writes short texts.", "limitations.en": "Weak in Japanese.", "appropriateUse.en": "No decisions.",
  }, LAW);
  check("a public report is on record", protection !== null);
  const report = await developer.file("compliance-report", model, {
    periodFrom: "2026-01-01", periodUntil: "2026-10-31",
    "duties.0.duty": "public-report", "duties.0.account.en": "We publish what it can and cannot do.", "duties.0.evidence.0": protection,
    "duties.1.duty": "weights-protection", "duties.1.account.en": "Being worked on.",
  }, LAW);
  check("the compliance report is on record", report !== null);
  await first.go("desk/as/agency/models/minato/wakaba");
  await first.look("dossier");
  await first.go(`desk/as/agency/statements/${report}`);
  await first.look("report");
  await first.press(`a[href$="/statements/${report}/review"]`);
  await first.look("review");
  await first.page.check("[name='ask-weights-protection']");
  await first.page.fill("[name='note-weights-protection']", "いつまでに整えますか。");
  await first.press("form.review .buttons button");
  await first.look("review-draft");
  await first.freeze();
  await first.sign();
  const review = await first.submit();
  check("the review is on record", review !== null);
  await developer.go("desk");
  check("its question is asked of the developer", (await developer.page.locator(`a[href*="about=${review}"]`).count()) === 1);
  const told = await developer.file("reply", review, {
    position: "explains", "answer.en": "By March.", "answers.0.question": "weights-protection", "answers.0.text.en": "By March.",
  });
  check("the developer answers the review", told !== null);

  // ── From the chance to explain to the surcharge ───────────────────────────────────────────────
  const duty = "weights-protection";
  const opened = async (kind, plannedAct) => {
    const procedure = await first.file("procedure", model, {
      kind, plannedAct, addressee: minato, duty, answerBy: inDays(20),
      "grounds.ja": "重みの保護について届出がないため。", "grounds.en": "Nothing is filed on the protection of weights.",
    }, LAW);
    check(`the procedure before a ${plannedAct} is open`, procedure !== null);
    const explained = await developer.file("reply", procedure, { position: "explains", "answer.en": "It is being built." });
    check(`the developer explains itself before a ${plannedAct}`, explained !== null);
    return procedure;
  };
  await first.begin("finding", model, LAW);
  await first.fill({ duty, result: "unmet", assessment, advice: "departs", "reasons.ja": "届出がない。", ...REMEDIES });
  await first.freeze();
  await first.look("finding-without-procedure");
  await first.sign();
  const finding = await decide(first, second, "finding", model, {
    duty, result: "unmet", assessment, advice: "departs", procedure: await opened("opportunity_to_explain", "finding"),
    "reasons.ja": "期限までに届出がなかったため。", "reasons.en": "Nothing was filed in time.", ...REMEDIES,
  });
  check("the finding is on record", finding !== null);
  const remedy = await decide(first, second, "remedy-request", model, {
    duty, finding, procedure: await opened("opportunity_to_explain", "remedy-request"), deadline: inDays(60),
    "request.ja": "重みの保護の措置を届け出てください。", "request.en": "File how the weights are protected.", ...REMEDIES,
  });
  check("the remedy request is on record", remedy !== null);
  const demand = await decide(first, second, "report-demand", model, {
    duty, "cites.0": finding, "questions.0.id": "state", "questions.0.text.ja": "現在の状況を報告してください。",
    "reasons.ja": "認定の後の状況を確かめるため。", "reasons.en": "To learn how it stands.", answerBy: inDays(14), ...REMEDIES,
  });
  check("the report demand is on record", demand !== null);
  await developer.go("desk");
  await developer.look("demanded");
  const answered = await developer.file("reply", demand, {
    position: "explains", "answer.en": "Half of it is done.", "answers.0.question": "state", "answers.0.text.en": "Half of it is done.",
  });
  check("the developer answers the demand", answered !== null);
  const inspection = await decide(first, second, "inspection", model, {
    duty, "cites.0": finding, from: inDays(5), until: inDays(6), "place.ja": "本社（札幌市）", "place.en": "Head office, Sapporo",
    "team.0.holder": "officer-1", "team.0.identityCard": "AI-0012", "team.1.holder": "officer-2", "team.1.identityCard": "AI-0013",
    "checklist.0.id": "vault", "checklist.0.text.ja": "重みの保管場所", "reasons.ja": "認定の後の状況を確かめるため。", ...REMEDIES,
  });
  check("the inspection is on record", inspection !== null);
  await developer.go(`desk/as/minato/statements/${reply}`);
  const sealed = await developer.page.locator("main").innerText();
  check("who read is not told while it is inspected", !sealed.split("Who has read this")[1]?.includes("AI Oversight Agency"));
  await first.begin("inspection-minutes", inspection);
  await first.fill({
    beganAt: "2026-11-28T10:00:00", endedAt: "2026-11-28T12:00:00", "present.0.ja": "情報安全部長",
    "results.0.item": "vault", "results.0.outcome": "not_in_order", "results.0.note.ja": "施錠されていない。",
  });
  await first.page.goto(`${first.draft()}/check`);
  for (const box of await first.page.locator("[name^='cosigner-']").all()) await box.check();
  await first.look("minutes-check");
  await first.press("main form.form .buttons button");
  await first.sign();
  const minutesDraft = first.page.url();
  if ((await first.page.locator("form:has(input[value='submit']) button").count()) === 0) {
    await second.go(minutesDraft);
    await second.sign();
    await first.go(minutesDraft);
  }
  const minutes = await first.submit();
  check("the minutes are on record, signed by both inspectors", minutes !== null);
  const remarks = await developer.file("reply", minutes, { position: "explains", "answer.en": "It is locked now." });
  check("the inspected has its say", remarks !== null);

  const hearing = await opened("hearing", "order");
  const record = await second.file("hearing-record", hearing, {
    heldAt: "2026-11-29T01:00:00", "present.0.ja": "みなと言語研究所 代理人", "record.ja": "措置の予定を述べた。", "opinion.ja": "命令は相当である。",
  });
  check("the hearing is on record, by another officer", record !== null);
  const order = await decide(first, second, "order", model, {
    duty, finding, procedure: hearing, remedyRequest: remedy, deadline: inDays(30),
    "measures.ja": "重みを暗号化して保管すること。", "measures.en": "Keep the weights encrypted.", "reasons.ja": "要請に応じなかったため。", ...REMEDIES,
  });
  check("the order is on record", order !== null);
  const surcharge = await decide(first, second, "surcharge", model, {
    duty, finding, order, procedure: await opened("opportunity_to_explain", "surcharge"), payBy: inDays(90),
    amount: "3000000 JPY", formula: "売上高 × 3 %", "terms.0.name": "売上高", "terms.0.value": "100000000 JPY",
    "reasons.ja": "命令に違反したため。", ...REMEDIES,
  });
  check("the surcharge is on record", surcharge !== null);
  await first.page.goto(`${node.base}/ja/statements/${surcharge}`);
  await first.look("surcharge");
  const publication = await decide(first, second, "disclosure", model, {
    duty, namesFailure: "true", procedure: await opened("opportunity_to_explain", "disclosure"), "statements.0": finding,
    "text.ja": "重みの保護の義務が守られていなかったことを認定しました。", "text.en": "The duty to protect weights was found unmet.",
    "withheld.0.what.ja": "保管場所", "withheld.0.ground.ja": "安全管理に関わるため。",
  });
  check("the publication is on record", publication !== null);
  await developer.page.goto(`${node.base}/en/statements/${publication}`);
  await developer.look("publication");
  await developer.begin("ruling", surcharge);
  await developer.fill({
    "court.ja": "東京地方裁判所", "court.en": "Tokyo District Court", caseNumber: "令和8年（行ク）第1号", decidedOn: inDays(-1),
    effect: "stays", "summary.en": "The surcharge is stayed until the action is decided.",
  });
  await developer.attach("ruling.txt", "主文　執行を停止する。");
  await developer.freeze();
  await developer.sign();
  const ruling = await developer.submit();
  check("the court's stay is on record", ruling !== null);
  await developer.page.goto(`${node.base}/ja/statements/${surcharge}`);
  check("the register obeys the stay", (await developer.page.locator("main").innerText()).includes("停止"));
  await developer.look("stayed");

  // ── The institute: work that is given to it, and all about one model ──────────────────────────
  const assignment = await first.file("assignment", version, {
    asksFor: "opinion", assignee: institute, due: inDays(30), "task.ja": "わかばの安全性について意見を求めます。",
  });
  check("work is given to the institute", assignment !== null);
  await evaluator.go("desk");
  await evaluator.look("institute-desk");
  check("it stands in its queue", (await evaluator.page.locator(`a[href*="${assignment}"]`).count()) > 0);
  const opinion = await evaluator.file("opinion", assignment, {
    "conclusion.ja": "重大な懸念は見当たりません。", "grounds.ja": "公開された評価の結果による。", "interests.ja": "ありません。", "evidence.0": report,
  });
  check("the institute's opinion is on record", opinion !== null);
  await evaluator.go("desk/as/institute/models/minato/wakaba");
  await evaluator.look("nodal-view");
  await evaluator.go("desk");
  check("the work is done", (await evaluator.page.locator(`a[href*="about=${assignment}"]`).count()) === 0);

  // ── A scheme, from its draft to a certificate and its suspension ──────────────────────────────
  const scheme = (stage, more = {}) => certifier.file("code-of-conduct", body, {
    kind: "scheme", slug: stage === "draft" ? "trusted" : "trusted-1", stage, version: "1.0", "title.en": "Trusted model", "title.ja": "信頼できるモデル",
    "summary.en": "What is looked at, how, by whom.", ...more,
  });
  const draft = await scheme("draft");
  check("the draft of a scheme is on record", draft !== null);
  const consultation = await certifier.file("consultation", draft, {
    until: inDays(30), "audience.en": "Everyone.", "questions.0.id": "scope", "questions.0.text.en": "Is the scope right?",
  });
  check("its consultation is open", consultation !== null);
  const comment = await developer.file("comment", consultation, {
    "text.en": "The scope is too wide.", "answers.0.question": "scope", "answers.0.text.en": "Too wide.",
  });
  check("a comment is on record", comment !== null);
  const early = await certifier.file("consultation-result", consultation, {
    comments: "1", "outcome.en": "The scope was narrowed.", "responses.0.comment.en": "The scope is too wide.", "responses.0.answer.en": "Narrowed.",
  }).catch((error) => String(error));
  check("nobody answers while comments can still come", /wrong-time/.test(early), early);
  check("the scheme is final", (await scheme("final")) !== null);
  const application = await developer.file("application", version, {
    addressee: body, asksFor: "certificate", "grounds.en": "We meet the scheme.", "evidence.0": report,
  });
  check("the application is on record", application !== null);
  const certificate = await certifier.file("certificate", version, {
    slug: "trusted-2026", "scheme.en": "Trusted model 1.0", "scope.en": "Version 1 as released.", validFrom: inDays(0), validUntil: inDays(365),
    "evidence.0": report,
  });
  check("the certificate is on record", certificate !== null);
  await developer.page.goto(`${node.base}/en/statements/${certificate}`);
  await developer.look("certificate-statement");
  const before = await certifier.file("procedure", certificate, {
    kind: "opportunity_to_explain", plannedAct: "certificate-status", addressee: minato, answerBy: inDays(20), "grounds.en": "A finding was published.",
  }, LAW);
  check("the certifier hears the holder first", before !== null);
  check("the holder explains itself",
    (await developer.file("reply", before, { position: "explains", "answer.en": "It is contested." })) !== null);
  const suspended = await certifier.file("certificate-status", certificate, {
    state: "suspended", procedure: before, "reasons.en": "Until the order is complied with.", ...REMEDIES,
  });
  check("the certificate is suspended", suspended !== null);

  // ── By keyboard alone, and without scripts ────────────────────────────────────────────────────
  await developer.go("desk/file/incident?" + new URLSearchParams({ about: model }));
  await keyboard(developer);
  await withoutScripts(first, `desk/as/agency/models/minato/wakaba`, "わかば");

  check("the audit holds", run("audit", node.base, "--trust", "node/trust.json").length > 0);
  for (const person of [first, second, developer, rival, evaluator, certifier]) await person.leave();
});

/** Goes from the form that begins a draft to its first answered question with keys only. */
async function keyboard(person) {
  const { page } = person;
  const tabTo = async (what, fits) => {
    for (let i = 0; i < 120; i += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const e = document.activeElement;
        const shown = getComputedStyle(e).outlineStyle !== "none" || getComputedStyle(e).boxShadow !== "none";
        return { tag: e.tagName, text: e.innerText ?? "", name: e.getAttribute("name") ?? "", href: e.getAttribute("href") ?? "", shown };
      });
      if (fits(at)) {
        check(`${what} shows that it is focused`, at.shown);
        return at;
      }
    }
    throw new Error(`the keyboard does not reach ${what} on ${page.url()}`);
  };
  await page.keyboard.press("Tab");
  check("the first key press offers to skip to the content", (await page.evaluate(() => document.activeElement.className)) === "skip");
  await tabTo("the button that begins", (at) => at.tag === "BUTTON" && !/sign out/i.test(at.text));
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  check("the keyboard begins a draft", page.url().includes("/desk/drafts/"), page.url());
  await tabTo("the first question", (at) => at.href.includes("/questions/"));
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await tabTo("the first field", (at) => ["INPUT", "TEXTAREA", "SELECT"].includes(at.tag) && at.name !== "");
  check("the keyboard reaches the question", page.url().includes("/questions/"), page.url());
}

/** Looks at a page of the desk in a browser that runs no scripts, with the same session. */
async function withoutScripts(person, path, expected) {
  const context = await person.context.browser().newContext({ javaScriptEnabled: false, locale: person.language });
  await context.addCookies(await person.context.cookies());
  const page = await context.newPage();
  await page.goto(person.at(path));
  check("without scripts the page is whole", (await page.locator("main").innerText()).includes(expected));
  await page.goto(person.at("desk"));
  check("without scripts the desk is whole", (await page.locator("main h2").count()) > 0);
  await page.goto(person.at("desk/file"));
  const kinds = page.locator("main a[href*='/desk/file/guidance']");
  await kinds.first().click();
  await page.locator("main form.form .buttons button").first().click();
  check("without scripts a draft begins", page.url().includes("/desk/drafts/") || (await page.locator(".error-summary").count()) > 0, page.url());
  await context.close();
}
