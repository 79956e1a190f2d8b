// People doing their work at a node's desk, in headless Chromium: signing up with passkeys, registering
// organisations, filing, asking, answering, deciding with four eyes.
//
//   KANAE=path/to/kanae node journeys.mjs FOLDER
import { readFileSync } from "node:fs";

import { Person, adopt, both, check, first_, node, operatorSays, play, run, waitingDigest } from "./stage.mjs";

await play(async () => {
  // An authority comes to be: its first officer signs up, registers it, the operator accepts it.
  const first = await Person.come("officer-1", "ja");
  await first.go("sign-in");
  await first.look("sign-in");
  await first.go("sign-up");
  await first.look("sign-up");
  await first.signUp();
  await first.look("desk-alone");
  await first.press("form[action$='/desk/register'] button");
  await first.look("draft-new");
  await first.fill({
    "names.ja": "AI監督庁", "names.en": "AI Oversight Agency", slug: "agency", country: "JP",
    "keys.0.spki": first_, "keys.0.holder": "officer-1", "keys.0.custody": "holder",
  });
  await first.look("draft-filled");
  await first.page.goto(`${first.draft()}/check`);
  await first.look("check");
  await first.freeze();
  await first.look("sign");
  await first.sign();
  await first.look("signed");
  await first.submit();
  await first.look("waiting");

  // The operator accepts it, and adopts two laws: the one in force, and the draft as one preset settles it.
  const agency = await waitingDigest();
  operatorSays("role-grant", agency, { role: "authority", legalBasis: both("設置法による。", "By the act that sets it up.") });
  await adopt("jp-ai-promotion-act-2025");
  await adopt("jp-basic-law-2024", "illustration");

  // A second officer is invited, and gets a key: four eyes.
  await first.go("desk/members/agency");
  await first.page.fill("#name", "officer-2");
  await first.page.check("#fn-draft");
  await first.press("main form.form .buttons button");
  await first.look("invited");
  const link = await first.page.locator(".notice pre").innerText();
  const second = await Person.come("officer-2", "ja");
  await second.go(link.trim());
  await second.look("welcome");
  await second.page.fill("#name", "officer-2");
  await second.press("main form.form button");
  check("a first login leads to the account", second.page.url().endsWith("/desk/account"), second.page.url());
  await second.press("form[data-passkey='create'] button");
  await second.look("account");
  const again = await Person.come("thief", "en");
  await again.go(link.trim());
  check("an invitation works once", (await again.page.locator(".error-summary").count()) === 1);
  await again.leave();
  await second.begin("key-change", agency);
  await second.fill({ "add.0.spki": first_, "add.0.holder": "officer-2", "add.0.custody": "holder" });
  await second.freeze("officer-1");
  await second.sign();
  const change = second.page.url();
  await second.look("half-signed");
  await first.go(change);
  await first.sign();
  check("the key change is on record", (await first.submit()) !== null);
  for (const officer of ["officer-1", "officer-2"]) {
    const grant = { role: "officer", holder: officer, "legalBasis.ja": "庁内の任命による。" };
    check(`${officer} is an officer`, (await first.file("role-grant", agency, grant)) !== null);
  }

  // A developer, in English: registers, is accepted from the officer's inbox, notifies a model.
  const developer = await Person.come("developer", "en");
  await developer.go("sign-up");
  await developer.look("sign-up");
  await developer.signUp();
  await developer.press("form[action$='/desk/register'] button");
  const registration = developer.page.url();
  await developer.page.goto(`${registration}/questions/registryId`);
  await developer.page.fill("[name='registryId.scheme']", "jp-corporate-number");
  await developer.press("main form.form .buttons button");
  check("an error names its field", (await developer.page.locator(".error-summary a[href='#f-registryId-value']").count()) === 1);
  await developer.look("error");
  await developer.page.goto(registration);
  await developer.fill({
    "names.ja": "みなと言語研究所", "names.en": "Minato Language Laboratory", slug: "minato", country: "JP",
    "registryId.scheme": "jp-corporate-number", "registryId.value": "8700110005901",
    "keys.0.spki": first_, "keys.0.holder": "compliance", "keys.0.custody": "holder",
  });
  await developer.freeze();
  await developer.sign();
  await developer.submit();
  await first.go("desk");
  await first.look("inbox-waiting");
  const minato = await waitingDigest();
  await first.file("role-grant", minato, { role: "developer", "legalBasis.ja": "登録の申請による。" });
  await developer.go("desk");
  await developer.look("desk");
  await developer.go("desk/file");
  await developer.look("kinds");
  const model = await developer.file("model", minato, {
    slug: "wakaba", "names.ja": "わかば", "names.en": "Wakaba", "description.en": "Writes text.",
  });
  check("the model is on record", model !== null);
  await developer.look("done");
  const facts = await developer.file("model-facts", model, {
    "facts.0.name": "compute_cumulative", "facts.0.of.value.which": "interval",
    "facts.0.of.value.interval.low": "1.5e25 FLOP", "facts.0.of.value.interval.high": "1.7e25 FLOP",
    "facts.0.of.knownAt": "2026-11-20T09:00:00",
    "facts.1.name": "general_purpose", "facts.1.of.value.which": "boolean", "facts.1.of.value.boolean": "true",
    "facts.1.of.knownAt": "2026-11-20T09:00:00",
  });
  check("the facts are on record", facts !== null);
  const notification = await developer.file("notification", model, {
    "grounds.en": "The compute is above the threshold.", "facts.0": facts,
  }, { regime: "jp-basic-law-2024" });
  check("the notification is on record", notification !== null);

  // The officer puts the advice on record, designates with a second officer's approval.
  await first.go("desk");
  await first.look("inbox");
  await first.page.selectOption("#advice-model", model);
  await first.page.selectOption("#advice-regime", "jp-basic-law-2024");
  await first.press("form[action$='/desk/advice'] button");
  await first.look("advice-check");
  await first.freeze();
  await first.sign();
  const assessment = await first.submit();
  check("the advice is on record", assessment !== null);
  await first.begin("designation", model, { regime: "jp-basic-law-2024" });
  await first.fill({
    developer: minato, class: "advanced-developer", assessment, advice: "follows",
    "reasons.ja": "計算量が基準を超えるため。", "reasons.en": "The compute is above the threshold.",
  });
  await first.freeze();
  await first.sign();
  const act = first.page.url();
  await first.look("needs-approval");
  check("nobody submits an act without its approval", (await first.page.locator("input[value='submit']").count()) === 0);
  check("nobody approves their own", (await first.page.locator("input[value='approve'][name='do']").count()) === 0);
  await second.go("desk");
  await second.look("approvals");
  await second.go(act);
  await second.page.check("#d-approve");
  await second.page.fill("#reasons_ja", "助言と事実を確認しました。");
  await second.press("form:has(input[value='approve'][name='do']) button");
  await second.look("approval");
  await second.sign();
  await first.go(act);
  const designation = await first.submit();
  check("the designation is on record", designation !== null);
  await first.page.goto(`${node.base}/en/statements/${designation}`);
  await first.look("designation-public");

  // Journey 0, under the law in force: inquiry, voluntary reply, advice, follow-up. No sanction anywhere.
  const promotion = { regime: "jp-ai-promotion-act-2025" };
  const inquiry = await first.file("information-request", model, {
    "questions.0.id": "users", "questions.0.text.ja": "日本の利用者は何人ですか。", "questions.0.text.en": "How many users in Japan?",
    "reasons.ja": "動向の調査のため。", "reasons.en": "To study trends.", answerBy: "2027-03-31",
  }, promotion);
  check("the inquiry is on record", inquiry !== null);
  await developer.go("desk");
  await developer.look("asked");
  check("the inquiry is asked of the developer", (await developer.page.locator(`a[href*="about=${inquiry}"]`).count()) === 1);
  const reply = await developer.file("reply", inquiry, {
    position: "explains", "answer.en": "About 12,000.", "answers.0.question": "users", "answers.0.text.en": "About 12,000.",
  });
  check("the reply is on record", reply !== null);
  const guidance = await first.file("guidance", model, {
    kind: "advice", "text.ja": "日本語の説明も用意することを助言します。従わないことによる不利益はありません。",
    "text.en": "We advise you to explain this in Japanese too. Nothing follows from not doing so.", followUpOn: "2027-04-30",
  }, promotion);
  check("the advice is on record without an approval", guidance !== null);
  await developer.page.goto(`${node.base}/en/statements/${guidance}`);
  await developer.look("guidance-public");
  const page = await developer.page.locator("main").innerText();
  check("guidance shows no sanction", !/sanction|penalty|surcharge/i.test(page));
  check("the follow-up is on record", (await developer.file("reply", guidance, { position: "accepts", "answer.en": "Done." })) !== null);

  // The developer objects to its designation; another officer than the drafter decides.
  const objection = await developer.file("objection", designation, {
    "asksFor.en": "That the designation be annulled.", "grounds.en": "The estimate of compute is wrong.",
  });
  check("the objection is on record", objection !== null);
  await second.begin("objection-decision", objection);
  await second.fill({
    result: "rejected", effect: "maintains", "reasons.ja": "訂正後も基準を超えるため。", "reasons.en": "Still above the threshold.",
    "remedies.ja": "知った日の翌日から六月以内に取消訴訟を提起できます。",
  });
  await second.freeze();
  await second.sign();
  const decision = second.page.url();
  await first.go(decision);
  await first.page.check("#d-approve").catch(() => {});
  await first.look("decision-own-act");

  // A tip, without an account.
  const reporter = await Person.come("reporter", "ja");
  await reporter.go("tips");
  await reporter.look("tips");
  await reporter.page.fill("#text", "試験は行われていません。");
  await reporter.press("form[action$='/tips'] button");
  await reporter.look("tip-code");
  const code = await reporter.page.locator(".number").innerText();
  await reporter.go("tips");
  await reporter.page.fill("#code", code.toUpperCase());
  await reporter.press("form[action$='/tips/read'] button");
  check("the code leads back", (await reporter.page.locator("main").innerText()).includes("試験は行われていません。"));
  await reporter.look("tip-thread");
  await reporter.leave();

  // The stranger's check: everything that happened holds.
  const audit = run("audit", node.base, "--trust", "node/trust.json");
  check("the audit holds", audit.length > 0);

  for (const person of [first, second, developer]) await person.leave();
});
