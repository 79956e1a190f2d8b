// People doing their work at a node's desk, in headless Chromium: signing up with passkeys, registering
// organisations, filing, asking, answering, deciding with four eyes.
//
//   KANAE=path/to/kanae node journeys.mjs FOLDER      in a folder with the packages of package.json
//
// Starts a node of its own in FOLDER, on a free port of this machine, and ends it. Passkeys are those of
// Chromium's virtual authenticator (WebDriver, "Virtual Authenticators"): real WebAuthn, without a finger.
// Each page on the way is looked at with axe-core, at two widths; screenshots go to FOLDER/shots. The last
// line is "N passed, M failed".
import { spawn, execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const kanae = process.env.KANAE;
const [folder] = process.argv.slice(2);
if (!kanae || !folder) {
  console.error("usage: KANAE=PROGRAM node journeys.mjs FOLDER");
  process.exit(2);
}
rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, "shots"), { recursive: true });
const LIMIT_MS = 20_000;
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let passed = 0;
const failures = [];
function check(what, holds, detail = "") {
  if (holds) passed += 1;
  else {
    failures.push(`${what}${detail ? `: ${detail}` : ""}`);
    console.log(`FAIL ${what}${detail ? `: ${detail}` : ""}`);
  }
}

const run = (...args) => execFileSync(kanae, args, { cwd: folder, encoding: "utf8" });

/** Starts the node; returns its address, by host name since passkeys need one, and how to end it. */
async function startNode() {
  run("init", "--data", "node", "--origin", "journeys.example/2026");
  run("actor", "new", "operator", "--issuer", "node", "--holder", "operator", "--with-key", "../node/keys/root-1.pem");
  run("token", "new", "--data", "node", "--scope", "admin", "--label", "operator", "--out", "operator/token");
  const server = spawn(kanae, ["serve", "--data", "node", "--listen", "127.0.0.1:0"], { cwd: folder });
  let said = "";
  const port = await new Promise((resolve, reject) => {
    const hear = (chunk) => {
      said += chunk;
      const found = said.match(/serving at http:\/\/127\.0\.0\.1:(\d+)\//);
      if (found) resolve(found[1]);
    };
    server.stdout.on("data", hear);
    server.stderr.on("data", hear);
    server.on("exit", (code) => reject(new Error(`the node ended with ${code}:\n${said}`)));
  });
  return { base: `http://localhost:${port}`, end: () => server.kill("SIGTERM"), log: () => said };
}

const node = await startNode();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

/** The operator says something as the node, from the command line. */
function operatorSays(kind, about, body, ...more) {
  const name = `operator-${kind}-${Math.random().toString(36).slice(2, 8)}`;
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(body));
  run("statement", "sign", kind, "--actor", "operator", "--url", node.base, "--about", about,
    "--body", `${name}.json`, "--out", `${name}.signed.json`, ...more);
  run("statement", "submit", "--actor", "operator", "--url", node.base, `${name}.signed.json`);
}

let shots = 0;
/** Someone at a browser of their own, with a passkey of their own. */
class Person {
  static async come(name, language, viewport = { width: 1280, height: 900 }) {
    const person = new Person();
    person.name = name;
    person.language = language;
    person.context = await browser.newContext({ viewport, locale: language });
    person.page = await person.context.newPage();
    person.page.setDefaultTimeout(LIMIT_MS);
    person.problems = [];
    person.page.on("console", (m) => m.type() === "error" && !m.text().startsWith("Failed to load") && person.problems.push(m.text()));
    const session = await person.context.newCDPSession(person.page);
    await session.send("WebAuthn.enable");
    await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
        isUserVerified: true, automaticPresenceSimulation: true,
      },
    });
    return person;
  }

  at(path) {
    return `${node.base}/${this.language}/${path}`;
  }

  async go(path) {
    await this.page.goto(path.startsWith("http") ? path : this.at(path));
  }

  /** Looks at the page as it stands: accessibility, no sideways scrolling, a picture. */
  async look(what) {
    shots += 1;
    const name = `${String(shots).padStart(3, "0")}-${this.name}-${what}-${this.language}`;
    for (const [size, viewport] of [["desktop", { width: 1280, height: 900 }], ["phone", { width: 390, height: 844 }]]) {
      await this.page.setViewportSize(viewport);
      const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      check(`${name} ${size}: nothing scrolls sideways`, wide <= 0, `${wide} px`);
      await this.page.screenshot({ path: join(folder, "shots", `${name}-${size}.png`), fullPage: true });
    }
    await this.page.setViewportSize({ width: 1280, height: 900 });
    const unknown = await this.page.evaluate(() => document.body.innerText.match(/⟦[^⟧]*⟧/g));
    check(`${name}: every text is there`, !unknown, String(unknown));
    await this.page.evaluate(axeSource);
    const found = await this.page.evaluate((tags) => axe.run({ runOnly: tags }), AXE_TAGS);
    const bad = found.violations.map((v) => `${v.id} ${v.nodes[0].target}`);
    check(`${name}: axe finds nothing`, bad.length === 0, bad.join(" | "));
  }

  async signUp() {
    await this.go("sign-up");
    await this.page.fill("#name", this.name);
    await this.press("form[data-passkey] button");
    if (!this.page.url().endsWith("/desk")) throw new Error(`${this.name}: ${await this.page.locator("main").innerText()}`);
  }

  async press(selector) {
    await Promise.all([this.page.waitForEvent("load"), this.page.click(selector)]);
  }

  /** Answers the question that the page asks: name of a field → what is typed or chosen. */
  async answer(fields) {
    for (const [name, value] of Object.entries(fields)) {
      const field = this.page.locator(`[name="${name}"]`).first();
      const kind = await field.evaluate((e) => (e.tagName === "SELECT" ? "select" : e.type));
      if (kind === "select") await field.selectOption(value);
      else if (kind === "radio" || kind === "checkbox") {
        // A number says which one; a word says its value.
        const of = this.page.locator(`[name="${name}"]`);
        const chosen = typeof value === "string" ? this.page.locator(`[name="${name}"][value="${value}"]`) : of.nth(value.index);
        await chosen.check();
      } else await field.fill(value);
    }
    const here = this.page.url();
    await this.press("main form.form .buttons button");
    // The next question may be one that was left incomplete before.
    const wrong = this.page.url() === here && (await this.page.locator(".error-summary").count()) > 0;
    if (wrong) {
      throw new Error(`${this.name}: ${this.page.url()}: ${await this.page.locator(".error-summary").innerHTML()} ${JSON.stringify(fields)}`);
    }
  }

  /** Answers every question of a draft, each on its own page; what is not given is left empty. */
  async fill(answers) {
    const draft = this.page.url();
    const links = await this.page.locator("ul.tasks a").evaluateAll((all) => all.map((a) => a.href));
    for (const link of links.filter((href) => href.includes("/questions/"))) {
      const name = link.split("/").pop();
      const own = Object.fromEntries(
        Object.entries(answers).filter(([key]) => key === name || key.startsWith(`${name}.`)));
      await this.page.goto(link);
      // Lists grow by a button; here each further item is asked for first.
      const more = Math.max(0, ...Object.keys(own).map((k) => Number(k.split(".")[1]) || 0));
      for (let i = 0; i < more; i += 1) {
        const first = Object.fromEntries(Object.entries(own).filter(([k]) => (Number(k.split(".")[1]) || 0) <= i));
        for (const [k, v] of Object.entries(first)) {
          const field = this.page.locator(`[name="${k}"]`).first();
          const kind = await field.evaluate((e) => (e.tagName === "SELECT" ? "select" : e.type));
          if (kind === "select") await field.selectOption(v);
          else if (kind !== "radio" && kind !== "checkbox") await field.fill(v);
        }
        await this.press(`button[name="more"][value="${name}"]`);
      }
      await this.answer(own);
    }
    await this.page.goto(draft);
  }

  /** Begins a draft; returns its address. */
  async begin(kind, about, more = {}) {
    const query = new URLSearchParams({ about, ...more });
    await this.go(`desk/file/${kind}?${query}`);
    await this.press("main form.form .buttons button");
    if (!this.page.url().includes("/desk/drafts/")) {
      throw new Error(`${this.name}: no draft of ${kind}: ${await this.page.locator("main").innerText()}`);
    }
    return this.page.url();
  }

  /** Goes on from a filled draft to its fixed bytes; `holder` drafts it, else one's own key. */
  async freeze(holder) {
    await this.page.goto(`${this.draft()}/check`);
    if (holder) await this.page.locator(`label:has-text("${holder}")`).first().click();
    await this.press("main form.form .buttons button");
    if (!this.page.url().endsWith("/sign")) throw new Error(await this.page.locator("main").innerText());
  }

  draft() {
    return this.page.url().match(/^.*\/desk\/drafts\/[0-9a-f]+/)[0];
  }

  /** Signs every sheet on the page that one's own passkey is asked for. */
  async sign() {
    while ((await this.page.locator("form[data-passkey='get'] button:visible").count()) > 0) {
      await this.press("form[data-passkey='get'] button:visible");
      const wrong = this.page.locator(".error-summary");
      if ((await wrong.count()) > 0) throw new Error(await wrong.innerText());
    }
  }

  async submit() {
    await this.press("form:has(input[value='submit']) button");
    const wrong = this.page.locator(".error-summary");
    if ((await wrong.count()) > 0) throw new Error(`${this.name}: ${await wrong.innerText()}`);
    return this.recorded();
  }

  /** Returns the digest of the statement that the page says is on record. */
  async recorded() {
    const link = this.page.locator("a.button.second[href*='/statements/']");
    if ((await link.count()) === 0) return null;
    return (await link.getAttribute("href")).split("/").pop();
  }

  /** Files a statement from beginning to end. */
  async file(kind, about, answers, more = {}) {
    await this.begin(kind, about, more);
    await this.fill(answers);
    await this.freeze();
    await this.sign();
    return this.submit();
  }

  async leave() {
    check(`${this.name}: the browser reports no problem`, this.problems.length === 0, this.problems.join(" | "));
    await this.context.close();
  }
}

const both = (ja, en) => ({ ja, en });
const first_ = { index: 0 };

/** Returns the digest of the one registration that waits, as the operator sees it. */
async function waitingDigest() {
  const token = readFileSync(join(folder, "operator/token"), "utf8").trim();
  const answer = await fetch(`${node.base}/api/v1/waiting`, { headers: { authorization: `Bearer ${token}` } });
  const { items: waiting } = await answer.json();
  if (waiting.length !== 1) throw new Error(`expected one registration that waits, found ${waiting.length}`);
  return waiting[0].statement ?? waiting[0].digest;
}

try {
  await journeys();
} catch (error) {
  failures.push(String(error.stack ?? error));
  console.log(`FAIL ${error.stack ?? error}`);
} finally {
  await browser.close();
  node.end();
}
for (const failure of failures) console.log(`FAIL ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;

async function journeys() {
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
  for (const [law, preset] of [["jp-ai-promotion-act-2025"], ["jp-basic-law-2024", "illustration"]]) {
    const about = await (await fetch(`${node.base}/api/v1/regimes/${law}`)).json();
    const set = preset ? about.rules.presets.find((one) => one.id === preset).set : {};
    operatorSays("regime-adoption", "genesis", {
      regime: law, folder: about.folder, switches: set, reasons: both("試行のため。", "For a trial."),
    });
  }

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
}
