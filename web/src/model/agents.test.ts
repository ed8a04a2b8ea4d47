import { describe, expect, it } from "vitest";
import type { AgentInsights, AttemptView, ExternalView, HonestyView } from "../api";
import { isAt, lastCommit, perAttempt, silence, taken, went } from "./agents";

const honest = (agent: string, kind: string, model?: string) => ({ agent, kind, model }) as HonestyView;
const spent = (agent: string, kind: string, cost_microusd: number, attempts = 2) =>
  ({ agent, kind, cost_microusd, attempts }) as AgentInsights;

describe("what agents did", () => {
  it("stands beside what they cost, once for all models, and nobody who spent is left out", () => {
    const rows = went(
      [honest("worker", "claude", "big"), honest("worker", "claude", "small"), honest("worker", "codex")],
      [spent("worker", "claude", 9), spent("worker", "codex", 4), spent("planner", "claude", 7)],
    );
    expect(
      rows.map((row) => [row.agent, row.kind, row.model, row.spent?.cost_microusd ?? null, row.models]),
    ).toEqual([
      ["worker", "claude", "big", 9, 2],
      ["worker", "claude", "small", null, 2],
      ["worker", "codex", "", 4, 1],
      ["planner", "claude", "", 7, 0],
    ]);
    expect(rows.at(-1)?.honesty).toBeNull();
    expect(went([honest("worker", "claude")], [])[0]?.spent).toBeNull();
  });

  it("has a price for each attempt where any money was told", () => {
    expect(perAttempt(spent("worker", "claude", 9, 2))).toBe(4.5);
    expect(perAttempt(spent("worker", "claude", 0, 2))).toBeNull();
    expect(perAttempt(spent("worker", "claude", 9, 0))).toBeNull();
  });

  it("is a commit of the last attempt that left one", () => {
    const attempt = (commit: string | null, ended_us: number | null) => ({ commit, ended_us }) as AttemptView;
    expect(lastCommit(undefined)).toBeNull();
    expect(lastCommit({ attempts: [attempt(null, null)] })).toBeNull();
    const attempts = [attempt("a", 1), attempt("b", 2), attempt(null, null)];
    expect(lastCommit({ attempts })).toEqual({ commit: "b", atUs: 2 });
  });
});

describe("an external session", () => {
  const session = (...states: string[]) =>
    ({
      max_concurrent_issues: 2,
      assignments: states.map((state) => ({ issue: "S-1", fence: "1", state })),
    }) as ExternalView;

  it("is free, or at so many of its tickets", () => {
    expect([taken(session()), taken(session("assigned"))]).toEqual(["free for 2 tickets", "1 of 2 tickets"]);
  });

  it("is at them in words, and given up after a silence", () => {
    expect(["assigned", "submitted", "ending", "lost"].map(isAt)).toEqual([
      "works on it",
      "has handed it in",
      "is told to leave it",
      "lost",
    ]);
    expect([20_000, 60_000, 600_000].map(silence)).toEqual(["20 s", "60 s", "10 min"]);
  });
});
