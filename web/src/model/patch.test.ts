import { describe, expect, it } from "vitest";
import type { Diff, ReportView } from "../api";
import { asFeedback, patch, shows } from "./patch";

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

  it("lacks files in which only blanks have changed, and lines are counted as they are shown", () => {
    const [readme = "", , logo = "", renamed = ""] = TEXT.split(/^(?=diff --git a)/m);
    const mode = "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n";
    const files = ["README.md", "only blanks.ts", "logo.png", "run.sh", "new name.ts"].map((path) => ({
      ...file(path),
      added: path === "logo.png" ? null : 9,
    }));
    const told = patch({ ...DIFF, files, text: [readme, logo, mode, renamed].join("") }, null, false);
    expect(told.map(({ path, added, hunks, missing }) => [path, added, hunks.slice(0, 5), missing])).toEqual([
      ["README.md", 1, "@@ -1", ""],
      ["only blanks.ts", 0, "", "Only blanks have changed."],
      ["logo.png", null, "", "A binary file: nothing to read here."],
      ["run.sh", 0, "", "Nothing but its name or mode has changed, or the diff was cut."],
      ["new name.ts", 1, "@@ -1", ""],
    ]);
  });

  it("shows the lines of its hunks", () => {
    const hunks = "@@ -3,2 +3,4 @@ x\n a\n+b\n+c\n d\n@@ -9 +11,0 @@\n-e\n";
    const lines = (side: "old" | "new") => [1, 2, 3, 4, 5, 6, 7, 9, 11].filter((n) => shows(hunks, side, n));
    expect(lines("old")).toEqual([3, 4, 9]);
    expect(lines("new")).toEqual([3, 4, 5, 6]);
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
