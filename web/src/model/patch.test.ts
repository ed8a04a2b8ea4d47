import { describe, expect, it } from "vitest";
import type { Diff, ReportView } from "../api";
import { asFeedback, patch } from "./patch";

const TEXT = `diff --git a/README.md b/README.md
index 1..2 100644
--- a/README.md
+++ b/README.md
@@ -1 +1 @@
-a
+diff --git is only text here
diff --git a/gone.ts b/gone.ts
deleted file mode 100644
--- a/gone.ts
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git a/logo.png b/logo.png
Binary files differ
diff --git a/old name.ts b/new name.ts
similarity index 90%
rename from old name.ts
rename to new name.ts
--- a/old name.ts\t
+++ b/new name.ts\t
@@ -1 +1 @@
-1
+2
`;
const file = (path: string, status = "M") => ({ path, status, added: 1, deleted: 1 });
const DIFF: Diff = {
  job: "shop.SHOP-1.a1",
  base: "b",
  commit: "c",
  truncated: false,
  text: TEXT,
  files: [file("README.md"), file("gone.ts", "D"), file("logo.png"), file("new name.ts", "R")],
};

describe("a diff", () => {
  it("is taken apart into its files", () => {
    const files = patch(DIFF, null);
    expect(files.map(({ path, oldPath, hunks }) => [path, oldPath, hunks])).toEqual([
      ["gone.ts", "gone.ts", "@@ -1 +0,0 @@\n-x\n"],
      ["README.md", "README.md", "@@ -1 +1 @@\n-a\n+diff --git is only text here\n"],
      ["logo.png", "logo.png", ""],
      ["new name.ts", "old name.ts", "@@ -1 +1 @@\n-1\n+2\n"],
    ]);
  });

  it("has what a check names first, with the check's name", () => {
    const checks = [
      {
        name: "protected",
        verdict: "fail",
        fact: "changed, and needs a person: new name.ts",
        permit: ["new name.ts"],
        lines: [],
        required: true,
      },
      { name: "size", verdict: "pass", fact: "README.md is small", lines: ["README.md"], required: true },
      {
        name: "hidden",
        verdict: "pass",
        fact: "",
        doubts: ["look at logo.png.bak"],
        lines: [],
        required: true,
      },
    ];
    const files = patch(DIFF, { checks } as unknown as ReportView);
    expect(files.map(({ path, risks }) => `${path} ${risks}`)).toEqual([
      "gone.ts deleted",
      "new name.ts protected",
      "README.md ",
      "logo.png ",
    ]);
  });

  it("goes back with all remarks as one text", () => {
    const remarks = [
      { path: "b.ts", side: "new" as const, line: 9, text: "two\nlines" },
      { path: "a.ts", side: "old" as const, line: 3, text: " why? " },
    ];
    expect(asFeedback(remarks, "Nearly.")).toBe(
      "Nearly.\n\n- a.ts:3 (as it was): why?\n- b.ts:9: two\n  lines",
    );
    expect(asFeedback([], "")).toBe("");
  });
});
