import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** The daemon that the dashboard's calls go to, while it is not served by one. */
const DAEMON = process.env.GANGLINE_DAEMON ?? "http://127.0.0.1:3001";

/** What the daemon sends along with the page; the daemon reads the same file. */
export const POLICY = readFileSync(resolve(import.meta.dirname, "policy.txt"), "utf8")
  .trim()
  .split("\n")
  .join("; ");

/** Libraries that write styles into the page, which the policy forbids, and what is done instead. */
const MENDED: { file: RegExp; wrong: RegExp; right: string }[] = [
  // Imported as a file.
  { file: /node_modules\/sonner\/dist\/index\.m?js/, wrong: /^__insertCSS\(.*\);?$/gm, right: "" },
  // What a selection may hold; styles/diff.css says it for all.
  {
    file: /@git-diff-view\/react\/dist\/esm/,
    wrong: /jsx\("style", \{ "data-select-style": true, ref: ref \}\)/g,
    right: "null",
  },
  // Coloured by an attribute instead, in styles/diff.css.
  {
    file: /@git-diff-view\/core\/dist\/esm/,
    wrong: / style="background-color: var\(\$\{operator === "add"[^}]*\}\);[^">]*"/g,
    right: ' data-op="$${operator}"',
  },
  { file: /@git-diff-view\/core\/dist\/esm/, wrong: / style="\$\{[^}]*\|\| ""\}"/g, right: "" },
];

const withoutStyles: Plugin = {
  name: "gangline:without-styles",
  enforce: "pre",
  transform(before, id) {
    let code = before;
    for (const { file, wrong, right } of MENDED) {
      if (!file.test(id)) continue;
      const after = code.replace(wrong, right);
      if (after === code) throw new Error(`${id} does not write styles as it did: look at ${wrong}`);
      code = after;
    }
    return code === before ? undefined : { code, map: null };
  },
};

const proxy = Object.fromEntries(
  ["/api", "/login", "/health"].map((path) => [path, { target: DAEMON, changeOrigin: false, ws: true }]),
);

export default defineConfig({
  plugins: [withoutStyles, tailwindcss(), react()],
  resolve: {
    alias: {
      // The library makes <style> elements, which the policy forbids.
      "react-style-singleton": resolve(import.meta.dirname, "src/ui/adopted-styles.ts"),
    },
  },
  optimizeDeps: {
    exclude: ["sonner", "react-style-singleton", "@git-diff-view/react", "@git-diff-view/core"],
  },
  server: { proxy, port: 5173, host: "127.0.0.1", strictPort: true },
  preview: { proxy, host: "127.0.0.1", strictPort: true, headers: { "content-security-policy": POLICY } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 600,
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
