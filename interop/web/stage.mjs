// The stage of the journeys at the desk: a node of its own, people at browsers of their own with passkeys of
// their own, and the organisations that most journeys begin with.
//
//   KANAE=path/to/kanae node SCRIPT FOLDER      in a folder with the packages of package.json
//
// The node is served from FOLDER, on a free port of this machine, and ended in the end. Passkeys are those of
// Chromium's virtual authenticator (WebDriver, "Virtual Authenticators"): real WebAuthn, without a finger.
// Each page that is looked at is checked with axe-core, at two widths; screenshots go to FOLDER/shots. The
// last line is "N passed, M failed".
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
  console.error("usage: KANAE=PROGRAM node SCRIPT FOLDER");
  process.exit(2);
}
rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, "shots"), { recursive: true });
const LIMIT_MS = 20_000;
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let passed = 0;
const failures = [];
export function check(what, holds, detail = "") {
  if (holds) passed += 1;
  else {
    failures.push(`${what}${detail ? `: ${detail}` : ""}`);
    console.log(`FAIL ${what}${detail ? `: ${detail}` : ""}`);
  }
}

export const run = (...args) => execFileSync(kanae, args, { cwd: folder, encoding: "utf8" });

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

export const node = await startNode();
export const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

/** The operator says something as the node, from the command line. */
export function operatorSays(kind, about, body, ...more) {
  const name = `operator-${kind}-${Math.random().toString(36).slice(2, 8)}`;
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(body));
  run("statement", "sign", kind, "--actor", "operator", "--url", node.base, "--about", about,
    "--body", `${name}.json`, "--out", `${name}.signed.json`, ...more);
  run("statement", "submit", "--actor", "operator", "--url", node.base, `${name}.signed.json`);
}

let shots = 0;
/** Someone at a browser of their own, with a passkey of their own. */
export class Person {
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
        // Of many that can be chosen, each has a number of its own.
        const list = kind === "checkbox" ? `[name^="${name.replace(/[0-9]+$/, "")}"]` : `[name="${name}"]`;
        const chosen = typeof value === "string" ? this.page.locator(`${list}[value="${value}"]`) : of.nth(value.index);
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

  /** Adds a file to the draft. */
  async attach(name, text) {
    const draft = this.draft();
    await this.page.goto(`${draft}/files`);
    await this.page.setInputFiles("main input[type=file]", { name, mimeType: "text/plain", buffer: Buffer.from(text) });
    await this.press("main form[enctype='multipart/form-data'] button");
    await this.page.goto(draft);
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

export const both = (ja, en) => ({ ja, en });
export const first_ = { index: 0 };

/** Returns the digest of the one registration that waits, as the operator sees it. */
export async function waitingDigest() {
  const token = readFileSync(join(folder, "operator/token"), "utf8").trim();
  const answer = await fetch(`${node.base}/api/v1/waiting`, { headers: { authorization: `Bearer ${token}` } });
  const { items: waiting } = await answer.json();
  if (waiting.length !== 1) throw new Error(`expected one registration that waits, found ${waiting.length}`);
  return waiting[0].statement ?? waiting[0].digest;
}

/** Plays what a script has to show, and ends with the count. */
export async function play(journeys) {
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
}

/** The operator adopts a law, as one of its presets settles what it leaves open. */
export async function adopt(law, preset) {
  const about = await (await fetch(`${node.base}/api/v1/regimes/${law}`)).json();
  const set = preset ? about.rules.presets.find((one) => one.id === preset).set : {};
  operatorSays("regime-adoption", "genesis", {
    regime: law, folder: about.folder, switches: set, reasons: both("試行のため。", "For a trial."),
  });
}

/** Someone signs up and registers an organisation; what it is called waits to be accepted. */
export async function registered(person, holder, names, slug, more = {}) {
  await person.signUp();
  await person.press("form[action$='/desk/register'] button");
  await person.fill({
    "names.ja": names.ja, "names.en": names.en, slug, country: "JP", ...more,
    "keys.0.spki": first_, "keys.0.holder": holder, "keys.0.custody": "holder",
  });
  await person.freeze();
  await person.sign();
  await person.submit();
  return waitingDigest();
}

/** The first officer of an authority invites a second, who gets a key: four eyes. */
export async function secondOfficer(first, agency, slug) {
  await first.go(`desk/members/${slug}`);
  await first.page.fill("#name", "officer-2");
  await first.page.check("#fn-draft");
  await first.press("main form.form .buttons button");
  const link = (await first.page.locator(".notice pre").innerText()).trim();
  const second = await Person.come("officer-2", first.language);
  await second.go(link);
  await second.page.fill("#name", "officer-2");
  await second.press("main form.form button");
  await second.press("form[data-passkey='create'] button");
  await second.begin("key-change", agency);
  await second.fill({ "add.0.spki": first_, "add.0.holder": "officer-2", "add.0.custody": "holder" });
  await second.freeze("officer-1");
  await second.sign();
  const change = second.page.url();
  await first.go(change);
  await first.sign();
  await first.submit();
  for (const officer of ["officer-1", "officer-2"]) {
    await first.file("role-grant", agency, { role: "officer", holder: officer, "legalBasis.ja": "庁内の任命による。" });
  }
  return second;
}
