import { describe, expect, it } from "vitest";
import type { JournalLine } from "../api";
import { empty, grown } from "./transcript";

let n = 0;
const line = (kind: string, more = {}, text = ""): JournalLine => ({
  text,
  entry: { kind, n: ++n, at_us: n, ...more },
});

describe("a transcript", () => {
  it("has each tool once, with how it ended", () => {
    const told = grown(
      empty(),
      [
        line("tool_started", { id: "t1", tool: "Read", detail: "a.ts", paths: ["a.ts"] }),
        line("tool_started", { id: "t2", tool: "Edit", detail: "b.ts", paths: ["b.ts"] }),
        line("tool_finished", { id: "t1", ok: true, detail: "" }),
        line("tool_finished", { id: "t2", ok: false, detail: "no such file" }),
        line("tool_finished", { id: "t9", ok: true }),
      ],
      "a1",
    );
    expect(told.items.map((item) => item.kind === "tool" && [item.tool, item.done?.ok])).toEqual([
      ["Read", true],
      ["Edit", false],
    ]);
    expect(told.files).toEqual(["b.ts", "a.ts"]);
  });

  it("grows without changing what was there", () => {
    const first = grown(empty(), [line("message", { text: "one" })], "a1");
    const second = grown(first, [line("message", { text: "two" })], "a1");
    expect(first.items).toHaveLength(1);
    expect(second.items[0]).toBe(first.items[0]);
  });

  it("has what a person said to the agent, where it was heard", () => {
    const lines = [
      line("message", { text: "one" }),
      line("steered", { text: "leave the tests alone" }, "« …"),
    ];
    const told = grown(empty(), [...lines, line("message", { text: "two" })], "a1");
    expect(
      told.items.map((item) => item.kind !== "job" && item.kind !== "tool" && [item.kind, item.text]),
    ).toEqual([
      ["said", "one"],
      ["steered", "leave the tests alone"],
      ["said", "two"],
    ]);
  });

  it("keeps the last plan and the last usage", () => {
    const told = grown(
      empty(),
      [
        line("plan", { items: [{ text: "a", status: "pending" }] }),
        line("plan", { items: [{ text: "a", status: "done" }, null] }),
        line("usage", { usage: { tokens: 4, cost_microusd: 5 } }),
      ],
      "a1",
    );
    expect(told.plan).toEqual([
      { text: "a", status: "done" },
      { text: "", status: "" },
    ]);
    expect(told.usage).toEqual({ tokens: 4, cost_microusd: 5 });
  });

  it("shows what it does not know as people read it, and leaves out what is for programs", () => {
    const told = grown(empty(), [line("newer", {}, "[WORKER-1] · something"), line("ended")], "a1");
    expect(told.items.map((item) => item.kind === "step" && item.text)).toEqual(["something"]);
  });
});
