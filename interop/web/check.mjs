// Looks at a served portal in headless Chromium, as a reader without JavaScript would, and as one with it.
//
//   node check.mjs BASE-URL FOLDER      in a folder with the packages of package.json
//
// Starts at /ja/ and /en/, follows links within the site, and takes some pages of each shape
// (/ja/models, /ja/models/1, /ja/models/1/duties/2 are three shapes). Each page is loaded at two
// widths with JavaScript off, once more for axe-core, and given to the Nu HTML checker. Then the lab's
// forms are used with JavaScript on: they answer in place and keep nothing. Screenshots go to the folder.
// Every failure is printed with its page; the last line is "N passed, M failed".
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { Nu } from "./nu.mjs";

const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const LANGUAGES = ["ja", "en"];
const VIEWPORTS = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const MAX_PAGES = 112; // both languages together
const MAX_OF_A_SHAPE = 4; // in one language
const MAX_FOLLOWED = 600; // links looked at while choosing
const MAX_LINKS_OF_A_PAGE = 400;
// Answers of forms, to which no link leads.
const ANSWERS = [
  "lab/apply?law=all&set.jp-basic-law-2024=adopted&f.general_purpose=true&f.compute_cumulative=5e25..",
  "lab/apply?law=eu-gpai&answer=compute_cumulative&low=2e25&high=1e25",
  "lab/apply?law=all&f.general_purpose=true&f.compute_cumulative=1e27&view=result",
  "lab/incident?law=all&f.compute_cumulative=1e27&i.weights_accessed=true&i.death=false&i.discovered_at=2026-11-20T10:00",
  "lab/matrix?model=minato-lab/wakaba",
  "lab/apply?law=g7-hiroshima",
  "register?q=wakabba",
  "register?kind=statement&q=wakaba&status=current&organisation=minato-lab&from=2026-01-01",
  "register?kind=statement&organisation=nobody&law=none",
  "register?day=2020-01-01",
  "models/minato-lab/wakaba?size=20",
  "lab/apply?law=g7-hiroshima&joined.g7-hiroshima=2026-02-01&joined.g7-hiroshima.reporting=true&f.advanced_ai=true&view=result",
];
// Forms that answer in place: the field that is changed, and to what.
const LIVE = [
  ["lab/simulate?law=eu-gpai", "#to", "1e26"],
  ["lab/incident", "#zone", "UTC"],
  ["lab/compare", "#a", "us-ca-sb53"],
];
const LIMIT_MS = 15_000; // for one page to load
const MIN_TARGET = 24; // CSS pixels, WCAG 2.2, 2.5.8
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const AXE_IMPACTS = ["serious", "critical"];

const [base, folder] = process.argv.slice(2);
if (!base || !folder) {
  console.error("usage: node check.mjs BASE-URL FOLDER");
  process.exit(2);
}
const origin = new URL(base).origin;
mkdirSync(folder, { recursive: true });

let passed = 0;
const failures = [];
/** Counts one check; `found` says what is wrong, empty when nothing is. */
function check(page, what, found) {
  const details = [found].flat().filter(Boolean);
  if (details.length === 0) passed += 1;
  else failures.push(`${page}: ${what}: ${details.slice(0, 5).join(" | ")}`);
}

const nu = new Nu(folder);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
try {
  await Promise.all(LANGUAGES.map(checkLanguage));
} finally {
  await browser.close();
}
const html = nu.check();
for (const [page, wrong] of html.wrong) check(page, "Nu HTML checker", wrong);
for (const remark of html.remarks) console.log(`note ${remark}`);
for (const failure of failures) console.log(`FAIL ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;

async function checkLanguage(language) {
  const pages = await choosePages(language);
  for (const [name, viewport] of Object.entries(VIEWPORTS)) {
    await lookAt(pages, name, viewport);
    await auditAccessibility(pages, name, viewport);
  }
  for (const [path, field, value] of LIVE) await useLive(`/${language}/${path}`, field, value);
}

/** Changes one field of a form with JavaScript on. */
async function useLive(path, selector, value) {
  const label = `${path} (live)`;
  const context = await browser.newContext();
  const page = await context.newPage();
  const noise = listen(page);
  let loads = 0;
  page.on("load", () => (loads += 1));
  try {
    await page.goto(origin + path, { waitUntil: "load", timeout: LIMIT_MS });
    const field = page.locator(selector);
    await field.focus();
    if (await field.evaluate(element => element.tagName === "SELECT")) await field.selectOption(value);
    else await field.fill(value);
    await field.press("Tab");
    await page.waitForFunction(() => document.querySelector("main > [role=status]")?.textContent, null, { timeout: LIMIT_MS });
    const seen = await page.evaluate(asked => {
      const given = new URLSearchParams(location.search);
      const twin = document.querySelector("#evidence a[href^='/api/']")?.href ?? "";
      return {
        address: given.get(asked.name) ?? "",
        twin: new URL(twin, location).searchParams.get(asked.name) ?? "",
        focus: document.activeElement === document.body ? "the focus is lost" : "",
        kept: document.cookie + JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
      };
    }, { name: await field.getAttribute("name") });
    check(label, "answers in place", loads === 1 ? "" : `the page was loaded ${loads} times`);
    check(label, "the address holds the setting", seen.address === value ? "" : seen.address);
    check(label, "the twin as data follows", seen.twin === value ? "" : seen.twin);
    check(label, "the focus stays", seen.focus);
    check(label, "nothing is kept", seen.kept === "[{},{}]" ? "" : seen.kept);
    check(label, "no console errors", noise.console);
  } catch (error) {
    check(label, "can be used", error.message.split("\n")[0]);
  }
  await context.close();
}

/** Chooses pages breadth first, so that each shape of address is seen before any shape twice. */
async function choosePages(language) {
  const start = `/${language}/`;
  const queue = [start, ...ANSWERS.map(path => start + path)];
  const known = new Set(queue);
  const byShape = new Map();
  const context = await browser.newContext({ javaScriptEnabled: false });
  let followed = 0;
  while (queue.length > 0 && followed < MAX_FOLLOWED) {
    const path = queue.shift();
    const shape = shapeOf(path);
    const same = byShape.get(shape) ?? [];
    if (same.length >= MAX_OF_A_SHAPE) continue;
    followed += 1;
    const links = await readLinks(context, path);
    if (links === undefined) continue; // not a page: a feed, a download, a JSON twin
    byShape.set(shape, [...same, path]);
    for (const link of links) {
      if (known.has(link) || !link.startsWith(start)) continue;
      known.add(link);
      queue.push(link);
    }
  }
  await context.close();
  const rounds = [...Array(MAX_OF_A_SHAPE).keys()];
  const spread = rounds.flatMap(n => [...byShape.values()].map(paths => paths[n]).filter(Boolean));
  const chosen = spread.slice(0, MAX_PAGES / LANGUAGES.length);
  console.log(`${language}: ${chosen.length} pages of ${byShape.size} shapes (${known.size} links seen): ${chosen.join(" ")}`);
  return chosen;
}

/** Returns the links of a page as paths of this site; undefined if it is no HTML page. */
async function readLinks(context, path) {
  let response;
  try {
    response = await context.request.get(origin + path, { timeout: LIMIT_MS, maxRedirects: 3 });
  } catch (error) {
    check(path, "answers", error.message.split("\n")[0]);
    return undefined;
  }
  if (!(response.headers()["content-type"] ?? "").startsWith("text/html")) return undefined;
  check(path, "status 200", response.status() === 200 ? "" : `status ${response.status()}`);
  if (response.status() !== 200) return undefined;
  const hrefs = [...(await response.text()).matchAll(/<a\b[^>]*?\bhref="([^"]*)"/gi)].map(m => m[1].replaceAll("&amp;", "&"));
  const found = hrefs.slice(0, MAX_LINKS_OF_A_PAGE).filter(href => URL.canParse(href, response.url()));
  return found
    .map(href => new URL(href, response.url()))
    .filter(url => url.origin === origin)
    .map(url => url.pathname + url.search);
}

/** The shape of an address: digests and numbers, and what follows a list's name, are one shape. */
function shapeOf(path) {
  const url = new URL(path, origin);
  const parts = url.pathname.split("/").slice(2).map((part, index) => {
    if (/\d/.test(part) || index % 2 === 1) return "*";
    return part;
  });
  const query = [...url.searchParams.keys()].sort().join("&");
  return parts.join("/") + (query && `?${query}`);
}

/** Loads each page with JavaScript off and checks what a reader meets. */
async function lookAt(paths, name, viewport) {
  const context = await browser.newContext({ viewport, javaScriptEnabled: false });
  for (const path of paths) {
    const label = `${path} (${name})`;
    const page = await context.newPage();
    const noise = listen(page);
    try {
      const response = await page.goto(origin + path, { waitUntil: "load", timeout: LIMIT_MS });
      check(label, "status 200", response.status() === 200 ? "" : `status ${response.status()}`);
      if (name === "desktop") nu.keep(path, await response.text());
      check(label, "no console errors", noise.console);
      check(label, "no failed requests", noise.failed);
      check(label, "no requests to other sites", noise.foreign);
      const seen = await page.evaluate(measure, MIN_TARGET);
      check(label, "lang", path.startsWith(`/${seen.lang}/`) ? "" : `lang="${seen.lang}"`);
      check(label, "a title", seen.title ? "" : "empty");
      check(label, "exactly one h1", seen.headings === 1 ? "" : `${seen.headings}`);
      check(label, "no sideways scrolling", seen.wider > 0 ? `${seen.wider} px: ${seen.widest}` : "");
      check(label, `targets of ${MIN_TARGET} px`, seen.small);
      await page.screenshot({ path: join(folder, fileName(path, name)), fullPage: true });
      await page.keyboard.press("Tab");
      const first = await page.evaluate(firstStop);
      check(label, "Tab reaches the skip link first", first);
    } catch (error) {
      check(label, "can be looked at", error.message.split("\n")[0]);
    }
    await page.close();
  }
  await context.close();
}

/** Runs axe-core in each page; it needs scripts, which the page itself does not. */
async function auditAccessibility(paths, name, viewport) {
  const context = await browser.newContext({ viewport, bypassCSP: true });
  for (const path of paths) {
    const label = `${path} (${name})`;
    const page = await context.newPage();
    const noise = listen(page);
    try {
      await page.goto(origin + path, { waitUntil: "load", timeout: LIMIT_MS });
      check(label, "no console errors with JavaScript on", noise.console);
      check(label, "no requests to other sites with JavaScript on", noise.foreign);
      await page.evaluate(() => document.querySelectorAll("details").forEach(d => (d.open = true)));
      await page.evaluate(axeSource);
      const { violations } = await page.evaluate(tags => globalThis.axe.run({ runOnly: tags }), AXE_TAGS);
      const grave = violations.filter(v => AXE_IMPACTS.includes(v.impact));
      for (const v of violations.filter(v => !grave.includes(v))) {
        console.log(`note ${label}: axe ${v.impact}: ${v.id}: ${v.nodes[0].html.slice(0, 120)}`);
      }
      check(label, "axe", grave.map(v => `${v.id} (${v.nodes.length}): ${v.nodes[0].html.slice(0, 160)}`));
    } catch (error) {
      check(label, "axe can run", error.message.split("\n")[0]);
    }
    await page.close();
  }
  await context.close();
}

/** Notes what a page complains about or asks for while it loads. */
function listen(page) {
  const noise = { console: [], failed: [], foreign: [] };
  page.on("console", message => message.type() === "error" && noise.console.push(message.text()));
  page.on("pageerror", error => noise.console.push(error.message));
  page.on("requestfailed", request => noise.failed.push(`${request.url()} ${request.failure()?.errorText}`));
  page.on("response", response => response.status() >= 400 && noise.failed.push(`${response.url()} ${response.status()}`));
  page.on("request", request => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== "data:") noise.foreign.push(request.url());
  });
  return noise;
}

/** Runs in the page: what a reader can see of its frame, width and targets. */
function measure(minimum) {
  const root = document.documentElement;
  const boxes = [...document.body.querySelectorAll("*")].map(element => [element, element.getBoundingClientRect()]);
  const widest = boxes.filter(([, box]) => box.right > root.clientWidth + 1).at(-1)?.[0];
  // Exempt (2.5.8): links within a sentence, what is not shown, and small targets with room around.
  const inSentence = element => {
    const block = element.closest("p, dd, dt, td, th, li, figcaption, caption, label, summary, blockquote");
    return block !== null && block !== element && block.textContent.trim() !== element.textContent.trim();
  };
  const targets = [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")]
    .map(element => ({ element, box: (element.labels?.[0] ?? element).getBoundingClientRect() }))
    .filter(({ element, box }) => element.checkVisibility() && box.width > 1 && box.height > 1 && box.bottom > 0);
  const isSmall = ({ box }) => box.height < minimum - 0.5 || box.width < minimum - 0.5;
  const isCrowded = one => targets.some(other => {
    if (other === one) return false;
    const x = (one.box.left + one.box.right) / 2;
    const y = (one.box.top + one.box.bottom) / 2;
    const across = Math.max(other.box.left - x, 0, x - other.box.right);
    const down = Math.max(other.box.top - y, 0, y - other.box.bottom);
    return Math.hypot(across, down) < minimum / 2;
  });
  const small = targets
    .filter(target => isSmall(target) && !inSentence(target.element) && isCrowded(target))
    .map(({ element, box }) => `${Math.round(box.width)}×${Math.round(box.height)} ${element.outerHTML.slice(0, 100)}`);
  return {
    lang: root.lang,
    title: document.title.trim(),
    headings: document.querySelectorAll("h1").length,
    wider: root.scrollWidth - root.clientWidth,
    widest: widest?.outerHTML.slice(0, 100) ?? "",
    small,
  };
}

/** Runs in the page: says what is wrong with the first stop of the Tab key. */
function firstStop() {
  const element = document.activeElement;
  const target = element?.getAttribute("href") ?? "";
  if (!target.startsWith("#")) return `it reaches ${element?.outerHTML.slice(0, 100)}`;
  if (!document.querySelector(target)) return `${target} is not on the page`;
  const box = element.getBoundingClientRect();
  return box.width > 1 && box.height > 1 && box.top >= 0 ? "" : "the skip link is not shown when it has the focus";
}

function fileName(path, name) {
  const stem = path.replace(/^\/|\/$/g, "").replace(/[^A-Za-z0-9]+/g, "-").slice(0, 80);
  return `${stem}-${name}.png`;
}
