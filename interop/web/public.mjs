// What the public meets at a node with a desk, in headless Chromium without JavaScript: certificates, schemes,
// consultations, requests for documents, the way from the interview to drafts; and the copy of the site.
//
//   KANAE=path/to/kanae node public.mjs FOLDER      in a folder with the packages of package.json
//
// Starts a node of its own in FOLDER and says on its record, from the command line, what the pages are about.
// Everything is done by forms alone. Each page is looked at in Japanese and English, at two widths, with
// axe-core and with the Nu HTML checker; screenshots go to FOLDER/shots. Then the site is exported and its
// pages are opened from files. The last line is "N passed, M failed".
import { spawn, execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { Nu } from "./nu.mjs";

const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const kanae = process.env.KANAE;
const [folder] = process.argv.slice(2);
if (!kanae || !folder) {
  console.error("usage: KANAE=PROGRAM node public.mjs FOLDER");
  process.exit(2);
}
rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, "shots"), { recursive: true });
const LIMIT_MS = 30_000;
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const WIDTHS = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

let passed = 0;
const failures = [];
function check(what, holds, detail = "") {
  if (holds) passed += 1;
  else {
    failures.push(`${what}${detail ? `: ${detail}` : ""}`);
    console.log(`FAIL ${failures.at(-1)}`);
  }
}

const run = (...args) => execFileSync(kanae, args, { cwd: folder, encoding: "utf8" });
const both = (ja, en) => ({ ja, en });
const inDays = n => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
const nu = new Nu(folder);

run("init", "--data", "node", "--origin", "public.example/2026");
run("token", "new", "--data", "node", "--scope", "admin", "--label", "operator", "--out", "token");
const server = spawn(kanae, ["serve", "--data", "node", "--listen", "127.0.0.1:0", "--url", "http://localhost:1"], { cwd: folder });
// Also where something fails before the browser begins.
process.on("exit", () => server.exitCode === null && server.kill("SIGTERM"));
let said = "";
const port = await new Promise((resolve, reject) => {
  const hear = chunk => {
    said += chunk;
    const found = said.match(/serving at http:\/\/127\.0\.0\.1:(\d+)\//);
    if (found) resolve(found[1]);
  };
  server.stdout.on("data", hear);
  server.stderr.on("data", hear);
  server.on("exit", code => reject(new Error(`the node ended with ${code}:\n${said}`)));
});
const base = `http://127.0.0.1:${port}`;

/** Makes an actor's folder with the operator's token, so that everyone's statements are taken. */
function actor(name, issuer, holder, ...more) {
  run("actor", "new", name, "--issuer", issuer, "--holder", holder, ...more);
  writeFileSync(join(folder, name, "token"), readFileSync(join(folder, "token")), { mode: 0o600 });
}

let statements = 0;
/** Says something on record from the command line; returns its digest. */
function say(who, kind, about, body, ...more) {
  statements += 1;
  const file = `${String(statements).padStart(2, "0")}-${kind}`;
  writeFileSync(join(folder, `${file}.json`), JSON.stringify(body));
  const signed = run("--json", "statement", "sign", kind, "--actor", who, "--url", base, "--about", about,
    "--body", `${file}.json`, "--out", `${file}.signed.json`, ...more);
  run("statement", "submit", "--actor", who, "--url", base, `${file}.signed.json`);
  return JSON.parse(signed).statement;
}

/** An organisation registers itself, and someone accepts it in a role. */
function organisation(name, slug, holder, names, role, by) {
  actor(name, slug, holder);
  const id = say(name, "organisation", "", { slug, names, country: "JP" });
  say(by, "role-grant", id, { role, legalBasis: both("試験のため。", "For a test.") });
  return id;
}

actor("operator", "node", "operator", "--with-key", "../node/keys/root-1.pem");
const agency = organisation("agency", "agency", "officer-1", both("AI監督庁", "AI Oversight Agency"), "authority", "operator");
for (const law of ["jp-ai-promotion-act-2025", "eu-gpai"]) {
  const { folder: files } = await (await fetch(`${base}/api/v1/regimes/${law}`)).json();
  say("operator", "regime-adoption", "genesis", { regime: law, folder: files, switches: {}, reasons: both("試行のため。", "For a trial.") });
}
say("agency", "role-grant", agency, { role: "officer", holder: "officer-1", legalBasis: both("辞令による。", "By appointment.") });
organisation("minato", "minato-lab", "compliance", both("みなとAI", "Minato AI"), "developer", "agency");
organisation("certifier", "kensho", "certification", both("検証認証センター", "Verification and Certification Centre"), "certification-body", "agency");
const model = say("minato", "model", "minato-lab", {
  slug: "wakaba", names: both("わかば", "Wakaba"), description: both("小さな言語モデル。", "A small language model."),
});
const version = say("minato", "model-version", model, { slug: "2026-11", releasedOn: inDays(-20), licence: "Apache-2.0" });
writeFileSync(join(folder, "scheme.txt"), "検証の手順を記録し、第三者が再現できること。\n");
const scheme = say("certifier", "code-of-conduct", "kensho", {
  slug: "verification-scheme", kind: "scheme", version: "0.9", stage: "draft",
  title: both("安全性検証の認証基準", "Scheme for safety verification"),
  summary: both("検証の手順が再現できることを求めます。", "Asks that verifications can be repeated by others."),
}, "--attach", "scheme.txt");
const certificate = say("certifier", "certificate", version, {
  slug: "wakaba-2026", scheme: both("安全性検証の認証基準", "Scheme for safety verification"),
  scope: both("検証の手順だけを対象とします。モデルの出力の正しさは対象ではありません。", "Covers the process of verification only, not what the model says."),
  validFrom: inDays(-10), validUntil: inDays(300), evidence: [scheme],
});
const procedure = say("certifier", "procedure", certificate, {
  kind: "urgency", plannedAct: "certificate-status", addressee: "0".repeat(64),
  grounds: both("検証の記録が見つからないため。", "The records of the verification are missing."), answerBy: inDays(0),
}, "--ref", "/addressee=minato-lab", "--under", "jp-ai-promotion-act-2025");
say("certifier", "certificate-status", certificate, {
  state: "suspended", procedure, reasons: both("記録を確かめるまで停止します。", "Suspended until the records are checked."),
});
say("certifier", "certificate-status", certificate, {
  state: "valid", reasons: both("記録を確かめました。", "The records were checked."),
});
const consultation = say("certifier", "consultation", scheme, {
  questions: [
    { id: "scope", text: both("対象の範囲は妥当ですか。", "Is the scope appropriate?") },
    { id: "cost", text: both("費用の見込みは妥当ですか。", "Is the expected cost appropriate?") },
  ],
  audience: both("開発者、利用者、研究者、市民", "Developers, users, researchers, the public"), until: inDays(14),
});
const inUse = say("certifier", "code-of-conduct", "kensho", {
  slug: "verification-scheme", kind: "scheme", version: "1.0", stage: "final",
  title: both("安全性検証の認証基準", "Scheme for safety verification"),
  summary: both("検証の手順が再現できることを求めます。", "Asks that verifications can be repeated by others."),
}, "--attach", "scheme.txt", "--supersedes", scheme);
say("minato", "code-adherence", model, { code: inUse, adheres: true, account: both("全項目を実施しています。", "All points are carried out.") });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--allow-file-access-from-files"],
});
let shots = 0;

/** Looks at a page as it stands: widths, axe, a picture; its source goes to the Nu HTML checker. */
async function look(page, what, html) {
  shots += 1;
  const name = `${String(shots).padStart(3, "0")}-${what}`;
  if (html) nu.keep(name, html);
  for (const [size, viewport] of Object.entries(WIDTHS)) {
    await page.setViewportSize(viewport);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    check(`${name} ${size}: nothing scrolls sideways`, wide <= 0, `${wide} px`);
    await page.screenshot({ path: join(folder, "shots", `${name}-${size}.png`), fullPage: true });
  }
  await page.setViewportSize(WIDTHS.desktop);
  const unknown = await page.evaluate(() => document.body.innerText.match(/⟦[^⟧]*⟧/g));
  check(`${name}: every text is there`, !unknown, String(unknown));
  check(`${name}: one h1`, (await page.locator("h1").count()) === 1);
  // axe runs beside the page, which itself has no scripts.
  const beside = await browser.newContext({ viewport: WIDTHS.desktop, bypassCSP: true });
  const copy = await beside.newPage();
  const [here, content] = [page.url(), await page.content()];
  if (here.startsWith("http")) await copy.route(here, route => route.fulfill({ contentType: "text/html", body: content }));
  await copy.goto(here);
  await copy.evaluate(() => document.querySelectorAll("details").forEach(d => (d.open = true)));
  await copy.evaluate(axeSource);
  const { violations } = await copy.evaluate(tags => globalThis.axe.run({ runOnly: tags }), AXE_TAGS);
  const bad = violations.map(v => `${v.id} ${v.nodes[0].html.slice(0, 140)}`);
  check(`${name}: axe finds nothing`, bad.length === 0, bad.join(" | "));
  await beside.close();
}

async function go(page, path, what) {
  const response = await page.goto(path.startsWith("file:") ? path : base + path);
  const html = path.startsWith("file:") ? "" : await response.text();
  check(`${path}: status`, path.startsWith("file:") || response.status() === 200, String(response.status()));
  await look(page, what, html);
}

/** Sends the form of a button, and looks at what comes back. */
async function send(page, button, what) {
  await Promise.all([page.waitForEvent("load"), page.click(button)]);
  await look(page, what, await page.content());
}

try {
  const waiting = [];
  for (const language of ["ja", "en"]) waiting.push(await visit(language));
  await atTheDesk(waiting);
  await exported();
  const html = nu.check();
  for (const [name, wrong] of html.wrong) check(`${name}: Nu HTML checker`, wrong.length === 0, wrong.join(" | "));
  for (const remark of html.remarks) console.log(`note ${remark}`);
} catch (error) {
  failures.push(String(error.stack ?? error));
} finally {
  await browser.close();
  if (server.exitCode === null) server.kill("SIGTERM");
}
for (const failure of failures) console.log(`FAIL ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;

async function visit(language) {
  const context = await browser.newContext({ viewport: WIDTHS.desktop, locale: language, javaScriptEnabled: false });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  const at = path => `/${language}/${path}`;
  const what = name => `${name}-${language}`;
  await go(page, at(`certificates/${certificate}`), what("certificate"));
  await go(page, at("register?kind=certificate"), what("certificates"));
  await go(page, at("register?kind=code"), what("codes"));
  await go(page, at("codes/kensho/verification-scheme"), what("code"));
  await go(page, at("organisations/kensho"), what("organisation"));
  await go(page, at("models/minato-lab/wakaba"), what("model"));
  await go(page, at("consultations"), what("consultations"));
  await go(page, at(`consultations/${consultation}`), what("consultation"));
  await send(page, `form[action$='${consultation}'] button`, what("comment-empty"));
  await page.fill("#answer-scope", "対象が狭い。<b>広げて</b>ほしい。\nIt is too narrow.");
  await page.fill("#name", "山田 花子");
  await send(page, `form[action$='${consultation}'] button`, what("comment-taken"));
  const code = await page.locator(".number").innerText();
  await page.goto(base + at(`consultations/${consultation}`));
  await page.click("details:has(#code) summary");
  await page.fill("#code", code);
  await send(page, "form[action$='/read'] button", what("comment-state"));
  await go(page, at("disclosure-requests"), what("requests"));
  await page.fill("#name", "山田 花子");
  await page.fill("#address", "東京都千代田区霞が関一丁目");
  await page.fill("#documents", "AIモデルの検査に関する文書");
  await send(page, "form[action$='/disclosure-requests'] button", what("request-taken"));
  const request = await page.locator(".number").innerText();
  await page.goto(base + at("disclosure-requests"));
  await page.fill("#code", request);
  await send(page, "form[action$='/read'] button", what("request-own"));
  await go(page, at("state"), what("state"));
  await go(page, at("lab/apply?law=eu-gpai&f.general_purpose=true&f.compute_cumulative=2e25..3e25&view=result"), what("apply-result"));
  await Promise.all([page.waitForEvent("load"), page.click("form[action$='/lab/apply/file'] button")]);
  const away = new URL(page.url());
  const next = away.searchParams.get("next") ?? "";
  check(`${what("apply")}: leads to signing in, and back`, /\/sign-in$/.test(away.pathname) && /from-lab/.test(next), page.url());
  await context.close();
  return next;
}

/** Someone who takes up a one-time link, without a passkey and without scripts. */
async function come(link, name) {
  const context = await browser.newContext({ viewport: WIDTHS.desktop, javaScriptEnabled: false });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  await page.goto(base + new URL(link.trim()).pathname);
  await page.fill("#name", name);
  await press(page, "main form.form button");
  return page;
}

async function press(page, selector) {
  await Promise.all([page.waitForEvent("load"), page.click(selector)]);
}

/** Officers, the certification body and a developer do at their desks what the public has asked for. */
async function atTheDesk(waiting) {
  const first = said.match(/http:\/\/localhost:1(\/\w+\/welcome\/\S+)/)[1];
  const administrator = await come(`http://localhost:1${first}`, "administrator");
  const colleague = async (slug, name) => {
    await administrator.goto(`${base}/ja/desk/members/${slug}`);
    await administrator.fill("#name", name);
    await administrator.check("#fn-draft");
    await press(administrator, "main form.form .buttons button");
    return come(await administrator.locator(".notice pre").innerText(), name);
  };
  const [officer, body, developer] = [await colleague("agency", "officer"), await colleague("kensho", "reader"), await colleague("minato-lab", "compliance")];

  await go(body, "/ja/desk/consultations", "desk-consultations-ja");
  const desk = `/desk/consultations/${consultation}`;
  await go(body, `/ja${desk}`, "desk-comments-ja");
  await send(body, "button[value='publish']", "desk-comment-published-ja");
  await body.locator("details:has(button[value='withhold']) summary").first().click();
  await body.locator("select[name='ground']").first().selectOption("off_topic");
  await send(body, "button[value='withhold']", "desk-comment-withheld-ja");
  await go(body, `/en${desk}?state=withheld`, "desk-comments-withheld-en");
  await go(body, `/ja/consultations/${consultation}`, "consultation-counted-ja");

  await go(officer, "/ja/desk/disclosure-requests", "desk-requests-ja");
  await go(officer, "/en/desk/disclosure-requests", "desk-requests-en");
  const request = await officer.locator("table.data th a").first().getAttribute("href");
  await officer.goto(base + request);
  await officer.locator("details:has(#party) summary").click();
  const minato = await officer.locator("#party option", { hasText: "Minato" }).getAttribute("value");
  await officer.selectOption("#party", minato);
  await officer.fill("#opinion-text", "学習の方法についての記述");
  await officer.fill("#opinion-until", inDays(14));
  await send(officer, "button[value='opinion']", "desk-request-en");

  await go(developer, "/ja/desk", "desk-home-ja");
  const opinion = await developer.locator("a[href*='/desk/opinions/']").first().getAttribute("href");
  await go(developer, opinion, "desk-opinion-ja");
  await developer.check("#yes");
  await developer.fill("#text", "営業の秘密です。");
  await send(developer, "main form.form button", "desk-opinion-given-ja");

  await officer.goto(base + request.replace("/en/", "/ja/"));
  await officer.fill("#part-0", "検査の記録");
  await officer.selectOption("#outcome-0", "withheld");
  await officer.fill("#reasons-0", "法人の正当な利益を害するおそれがあるため。");
  await send(officer, "button[value='decide']", "desk-request-incomplete-ja");
  await officer.check("#ground-0-business");
  await send(officer, "button[value='decide']", "desk-request-decided-ja");

  for (const [index, language] of ["ja", "en"].entries()) {
    await go(developer, waiting[index], `desk-from-lab-${language}`);
  }
  await press(developer, "main form.form button");
  check("the interview ends in a draft", /\/desk\/drafts\/[0-9a-f]+$/.test(developer.url()), developer.url());
  await look(developer, "desk-draft-from-lab-en", await developer.content());
  for (const page of [administrator, officer, body, developer]) await page.context().close();
}

/** Exports the site while the node is down, and opens pages of the copy from files. */
async function exported() {
  const ended = new Promise(resolve => server.on("exit", resolve));
  server.kill("SIGTERM");
  await ended;
  run("export", "site", "--data", "node", "--to", "copy");
  const context = await browser.newContext({ viewport: WIDTHS.desktop, javaScriptEnabled: false });
  const page = await context.newPage();
  const failed = [];
  page.on("requestfailed", request => failed.push(request.url()));
  const file = path => pathToFileURL(join(folder, "copy", path)).href;
  for (const language of ["ja", "en"]) {
    for (const path of ["index", "about-this-copy", `certificates/${certificate}`, `consultations/${consultation}`]) {
      await go(page, file(`${language}/${path}.html`), `copy-${path.split("/")[0]}-${language}`);
      nu.keep(`copy-${path}-${language}`, readFileSync(join(folder, "copy", language, `${path}.html`)));
    }
  }
  check("the copy: every file that a page loads is there", failed.length === 0, failed.slice(0, 3).join(" | "));
  const audit = execFileSync(kanae, ["audit", "copy/log", "--trust", "copy/ja/audit/trust.json"], { cwd: folder, encoding: "utf8" });
  check("the copy: its log can be audited", audit.length > 0);
  await context.close();
}
