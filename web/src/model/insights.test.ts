import { describe, expect, it } from "vitest";
import type { ProjectInsights } from "../api";
import { fromMarkdown, words } from "./draft";
import { COUNTED, csv, days, mean, share, sum } from "./insights";

const DAY_MS = 86_400_000;
const counted = (day: string, more: object) =>
  ({
    day,
    ...Object.fromEntries(COUNTED.map((name) => [name, 0])),
    ...more,
  }) as ProjectInsights["days"][number];

describe("insights", () => {
  const projects = [
    { days: [counted("1970-01-09", { added: 2 }), counted("1970-01-11", { landed: 1, tokens: 9 })] },
    { days: [counted("1970-01-01", { added: 8 }), counted("1970-01-11", { landed: 2 })] },
  ] as ProjectInsights[];

  it("have every day, also those on which nothing happened", () => {
    const shown = days(projects, 10 * DAY_MS + 60, 3);
    expect(shown.map((day) => [day.ms / DAY_MS, day.added, day.landed, day.tokens])).toEqual([
      [8, 2, 0, 0],
      [9, 0, 0, 0],
      [10, 0, 3, 9],
    ]);
    expect(sum(shown)).toMatchObject({ added: 2, landed: 3, tokens: 9 });
    expect(projects[0]?.days[0]?.added, "what was read is left as it is").toBe(2);
  });

  it("have no share of nothing", () => {
    expect(share(1, 3)).toBe(33);
    expect(share(0, 0)).toBeNull();
  });

  it("weigh a mean by how often it was measured", () => {
    expect(mean([{ count: 1, mean_ms: 10 }, { count: 3, mean_ms: 2 }, { count: 0 }])).toBe(4);
    expect(mean([{ count: 0, mean_ms: null }])).toBeNull();
  });

  it("are exported without formulas", () => {
    expect(
      csv([
        ["a", 'b "c"', "d,e"],
        ["=1+1", -2, "x\ny"],
      ]),
    ).toBe('a,"b ""c""","d,e"\r\n\'=1+1,-2,"x\ny"\r\n');
  });
});

describe("what is pasted", () => {
  it("has its heading as the title", () => {
    expect(fromMarkdown("\n## Add a cart\r\n\r\n- one\r\n")).toEqual({ title: "Add a cart", body: "- one" });
    expect(fromMarkdown("one line")).toEqual({ title: "one line", body: "" });
    expect(words(" a, b\nc ,")).toEqual(["a", "b", "c"]);
  });
});
