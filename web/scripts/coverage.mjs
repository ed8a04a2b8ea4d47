// Tells components of views and of ui that no browser test has rendered, and fails then.
//
// A reporter of Playwright: pages tell which functions of the shipped scripts were called (V8 counts
// them), the same scripts are built once more with source maps, and each component that the sources
// have is looked for among what was called. A list that somebody keeps could be wrong; this has none,
// but for what is named below as unseen.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import ts from "typescript";
import { build } from "vite";

const WEB = resolve(import.meta.dirname, "..");
const FOLDERS = ["src/views", "src/ui"];
/** Components that no test renders yet, as `FILE NAME`. It may only get shorter. */
const UNSEEN = [];

/** The files below a folder whose names end so, by their path from there. */
const below = (folder, end) => readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(end));

/** Every function of a source file that has a component's name, with where it stands. */
export function components(file) {
  const text = readFileSync(join(WEB, file), "utf8");
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found = [];
  const add = (name, node) => {
    if (/^[A-Z]/.test(name ?? "")) found.push({ file, name, start: node.getStart(), end: node.end, text });
  };
  const visit = (node) => {
    if (ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node)) add(node.name?.text, node);
    if (ts.isVariableDeclaration(node) && node.initializer && ts.isArrowFunction(node.initializer))
      add(node.name.getText(), node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** Where each line of a text begins. */
function lines(text) {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The first place of the sources that a function of a built script was made of. */
function origin(map, starts, [from, to]) {
  const line = starts.findLastIndex((start) => start <= from);
  const column = from - starts[line];
  for (let at = column; at < column + to - from; at += 1) {
    const entry = map.findEntry(line, at);
    if (entry.generatedLine === line && entry.generatedColumn >= column) return entry;
  }
  return undefined;
}

/** Places in the sources that were reached, by file, as offsets. */
async function reached(results) {
  const ran = new Map();
  for (const file of below(results, "ran.json")) {
    const told = JSON.parse(readFileSync(join(results, file), "utf8"));
    for (const [path, called] of Object.entries(told))
      ran.set(path, new Set([...(ran.get(path) ?? []), ...called]));
  }
  const folder = mkdtempSync(join(tmpdir(), "gangline-maps-"));
  const places = new Map();
  try {
    await build({
      root: WEB,
      logLevel: "silent",
      build: { sourcemap: "hidden", outDir: folder, emptyOutDir: true },
    });
    for (const [path, called] of ran) {
      // Its name has a hash of what is in it.
      if (!existsSync(join(folder, path)))
        throw new Error(`${path} was not built from these sources: run npm run build, and the tests again`);
      const map = new SourceMap(JSON.parse(readFileSync(join(folder, `${path}.map`), "utf8")));
      const begins = lines(readFileSync(join(folder, path), "utf8"));
      for (const range of called) {
        const entry = origin(map, begins, range.split(" ").map(Number));
        if (!entry?.originalSource) continue;
        const file = relative(WEB, resolve(folder, "assets", entry.originalSource));
        if (!places.has(file)) places.set(file, []);
        places.get(file).push([entry.originalLine, entry.originalColumn]);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return places;
}

/** Whether a component was called: it was, if anything within it was. */
function rendered({ file, start, end, text }, places) {
  const begins = lines(text);
  return (places.get(file) ?? []).some(([line, column]) => {
    const at = begins[line] + column;
    return at >= start && at < end;
  });
}

export default class Coverage {
  onBegin(config, suite) {
    this.results = config.projects[0].outputDir;
    const all = below(join(WEB, "e2e"), ".spec.ts")
      .map((file) => readFileSync(join(WEB, "e2e", file), "utf8").match(/^test(\.fixme)?\(/gm)?.length ?? 0)
      .reduce((sum, count) => sum + count, 0);
    this.whole = suite.allTests().length === all;
  }

  async onEnd({ status }) {
    if (status !== "passed") return undefined;
    if (!this.whole) {
      console.log("Components are not looked for: these were not all of the tests.");
      return undefined;
    }
    const all = FOLDERS.flatMap((folder) =>
      below(join(WEB, folder), ".tsx").map((file) => join(folder, file)),
    ).flatMap(components);
    const places = await reached(this.results);
    const named = ({ file, name }) => `${file} ${name}`;
    const unseen = all.filter((component) => !rendered(component, places)).map(named);
    const wrong = [
      ...unseen.filter((name) => !UNSEEN.includes(name)).map((name) => `no test renders ${name}`),
      ...UNSEEN.filter((name) => !unseen.includes(name)).map(
        (name) => `${name} is seen: UNSEEN names it still`,
      ),
    ];
    console.log(`${all.length - unseen.length} of ${all.length} components were rendered.`);
    for (const line of wrong) console.error(`  ${line}`);
    return wrong.length > 0 ? { status: "failed" } : undefined;
  }

  printsToStdio() {
    return false;
  }
}
