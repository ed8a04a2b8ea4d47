// How much the first view has to load, against what it may.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

/** Bytes of script, compressed, that the page begins with. */
const ENTRY_BYTES_MAX = 180 * 1024;

const dist = resolve(import.meta.dirname, "../dist");
const page = readFileSync(join(dist, "index.html"), "utf8");
// What the page names, and what those import before they run.
const wanted = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((found) => found[1]);
const seen = new Map();
while (wanted.length > 0) {
  const name = wanted.pop();
  if (seen.has(name)) continue;
  const text = readFileSync(join(dist, name), "utf8");
  seen.set(name, gzipSync(text, { level: 9 }).length);
  for (const found of text.matchAll(/(?:import|from)\s*"\.\/([^"]+\.js)"/g))
    wanted.push(`assets/${found[1]}`);
}
const total = [...seen.values()].reduce((sum, bytes) => sum + bytes, 0);
for (const [name, bytes] of seen) console.log(`${(bytes / 1024).toFixed(1).padStart(8)} kB  ${name}`);
console.log(`${(total / 1024).toFixed(1).padStart(8)} kB  in all, of ${ENTRY_BYTES_MAX / 1024}`);
for (const name of ["index.html", "offline.html"]) {
  if (!/<script(?![^>]*\bsrc=)|<style|\son\w+=|style="/.test(readFileSync(join(dist, name), "utf8")))
    continue;
  console.error(`${name} has script or style of its own, which the policy forbids`);
  process.exit(1);
}
if (total > ENTRY_BYTES_MAX) {
  console.error("the entry is too large: load more of it lazily");
  process.exit(1);
}
