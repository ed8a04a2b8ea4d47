// A unified diff, taken apart into files; and what a person is to look at first.

import type { CheckView, Diff, DiffFile, ReportView } from "../api";

export interface PatchFile extends DiffFile {
  oldPath: string;
  /** Its hunks, as the daemon gave them; empty where there is nothing to show. */
  hunks: string;
  /** Why there are none, in words; empty where there are some. */
  missing: string;
  /** Why it is to be looked at, in words; empty for what nobody doubts. */
  risks: string[];
}

/** The pieces of the text, in the order in which git gives the files. */
function pieces(text: string): string[] {
  return text.split(/^(?=diff --git )/m).filter((piece) => piece.startsWith("diff --git "));
}

function pathOf(piece: string, sign: "---" | "+++"): string | null {
  const line = piece.split("\n").find((each) => each.startsWith(`${sign} `));
  const named = line?.slice(4).replace(/\t$/, "");
  return named && named !== "/dev/null" ? named.replace(/^[ab]\//, "") : null;
}

/**
 * The piece of each file. The list and the text have the same order; a text that was cut lacks the last
 * ones, and one without blanks lacks files in which nothing else has changed.
 */
function shared(files: DiffFile[], texts: string[]): string[] {
  if (texts.length === files.length) return texts;
  let next = 0;
  return files.map(({ path }) => {
    const piece = texts[next] ?? "";
    const named = pathOf(piece, "+++") ?? pathOf(piece, "---");
    const own = named ? named === path : (piece.split("\n", 1)[0] ?? "").endsWith(` b/${path}`);
    if (own) next += 1;
    return own ? piece : "";
  });
}

/**
 * All files, those first that a check names, that went away, or that are tests. Without blanks, lines are
 * counted as they are shown.
 */
export function patch(diff: Diff, report: ReportView | null | undefined, blanks = true): PatchFile[] {
  const texts = shared(diff.files, pieces(diff.text));
  const files = diff.files.map((file, at): PatchFile => {
    const piece = texts[at] ?? "";
    const from = piece.search(/^@@ /m);
    const hunks = from < 0 ? "" : piece.slice(from);
    const counted = blanks || file.added === null ? {} : countedIn(hunks);
    return {
      ...file,
      ...counted,
      oldPath: pathOf(piece, "---") ?? file.path,
      hunks,
      missing: hunks ? "" : whyMissing(file, !blanks && !piece && !diff.truncated),
      risks: risks(file, report?.checks ?? []),
    };
  });
  return files.toSorted((a, b) => rank(a) - rank(b));
}

function whyMissing(file: DiffFile, onlyBlanks: boolean): string {
  if (file.added === null) return "A binary file: nothing to read here.";
  if (onlyBlanks) return "Only blanks have changed.";
  return "Nothing but its name or mode has changed, or the diff was cut.";
}

/** Lines that hunks add and delete. */
function countedIn(hunks: string): { added: number; deleted: number } {
  return { added: hunks.match(/^\+/gm)?.length ?? 0, deleted: hunks.match(/^-/gm)?.length ?? 0 };
}

/** Whether a line of the new, or of the old file stands in one of its hunks. */
export function shows(hunks: string, side: Remark["side"], line: number): boolean {
  const heads = hunks.matchAll(/^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/gm);
  return [...heads].some(([, old, olds, fresh, freshs]) => {
    const first = Number(side === "old" ? old : fresh);
    const count = Number((side === "old" ? olds : freshs) ?? 1);
    return line >= first && line < first + count;
  });
}

const rank = (file: PatchFile) => (file.risks.length > 0 ? 0 : 1);

/** Checks that did not pass, or that leave a doubt, and name the file. */
function risks(file: DiffFile, checks: CheckView[]): string[] {
  const found: string[] = [];
  if (file.status === "D") found.push("deleted");
  for (const check of checks) {
    const said = [
      check.verdict === "pass" ? "" : check.fact,
      ...(check.doubts ?? []),
      ...(check.verdict === "pass" ? [] : check.lines),
    ];
    const named = check.permit?.includes(file.path) || said.some((text) => names(text, file.path));
    if (named) found.push(check.name);
  }
  return [...new Set(found)];
}

function names(text: string, path: string): boolean {
  const at = text.indexOf(path);
  if (at < 0) return false;
  const behind = text.slice(at + path.length, at + path.length + 2);
  return !/[\w./-]$/.test(text.slice(0, at)) && !/^(?:[\w/-]|\.\w)/.test(behind);
}

/** A remark about a line of the new, or of the old file. */
export interface Remark {
  path: string;
  side: "old" | "new";
  line: number;
  text: string;
}

/** All remarks as one text for the next attempt. */
export function asFeedback(remarks: Remark[], overall: string): string {
  const sorted = remarks.toSorted((a, b) => a.path.localeCompare(b.path) || a.line - b.line);
  const lines = sorted.map(
    ({ path, side, line, text }) =>
      `- ${path}:${line}${side === "old" ? " (as it was)" : ""}: ${text.trim().replaceAll("\n", "\n  ")}`,
  );
  return [overall.trim(), lines.join("\n")].filter(Boolean).join("\n\n");
}

const LANGUAGES: Record<string, string> = {
  c: "c",
  cc: "cpp",
  cpp: "cpp",
  cs: "csharp",
  css: "css",
  go: "go",
  h: "c",
  html: "xml",
  java: "java",
  js: "javascript",
  json: "json",
  jsx: "javascript",
  kt: "kotlin",
  lua: "lua",
  md: "markdown",
  mjs: "javascript",
  php: "php",
  py: "python",
  rb: "ruby",
  rs: "rust",
  scss: "scss",
  sh: "bash",
  sql: "sql",
  swift: "swift",
  toml: "ini",
  ts: "typescript",
  tsx: "typescript",
  xml: "xml",
  yaml: "yaml",
  yml: "yaml",
};

export const languageOf = (path: string) => LANGUAGES[path.slice(path.lastIndexOf(".") + 1)] ?? "plaintext";
