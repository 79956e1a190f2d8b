// The Nu HTML checker (vnu.jar, in Java) over pages as they were served.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const jar = join(dirname(require.resolve("vnu-jar/package.json")), "build/dist/vnu.jar");

/** Pages that are kept to be checked together: one start of Java for all of them. */
export class Nu {
  constructor(folder) {
    this.folder = join(folder, "html");
    this.pages = new Map();
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
  }

  /** Keeps a page under the name by which it is spoken of. */
  keep(name, html) {
    const file = join(this.folder, `${String(this.pages.size).padStart(4, "0")}.html`);
    writeFileSync(file, html);
    this.pages.set(`file:${file}`, name);
  }

  /** Returns what is wrong, page by page: [name, [problem, …]]; and what the checker only remarks. */
  check() {
    const of = new Map([...this.pages.values()].map(name => [name, []]));
    if (of.size === 0) return { wrong: of, remarks: [] };
    const said = execFileSync("java", ["-jar", jar, "--stdout", "--exit-zero-always", "--format", "json", this.folder], {
      encoding: "utf8",
      maxBuffer: 64 << 20,
    });
    const remarks = [];
    for (const { type, subType, url, message, extract, lastLine } of JSON.parse(said).messages) {
      const name = this.pages.get(url.replace("file://", "file:")) ?? url;
      const text = `line ${lastLine}: ${message} ${(extract ?? "").replace(/\s+/g, " ").slice(0, 120)}`;
      if (type === "info" && subType !== "fatal") remarks.push(`${name}: ${text}`);
      else of.get(name)?.push(text) ?? of.set(name, [text]);
    }
    return { wrong: of, remarks };
  }
}
