import { describe, expect, it } from "vitest";
import type { ProjectView } from "../api";
import { quotas, reviewLoad } from "./capacity";
import { ticket } from "./fixture";
import { perHour, spentToday } from "./spending";

const clock = (until_us: number) => ({ for: "clock", text: "the hour's limit is reached", until_us });
const person = (to: string) => ({ for: "person", text: `a person to ${to}` });

describe("what is going on", () => {
  it("is held up by quotas: how many go on by themselves, when the first does, and what nobody knows of", () => {
    expect(quotas([])).toEqual({ timed: 0, firstUs: null, unknown: 0 });
    const tickets = [
      ticket("S-1", "parked", { wait: clock(90) }),
      ticket("S-2", "parked", { wait: clock(30) }),
      ticket("S-3", "parked", { wait: person("resume it") }),
      ticket("S-4", "parked", { wait: person("answer its question") }),
      ticket("S-5", "backoff", { wait: clock(10) }),
    ];
    expect(quotas(tickets)).toEqual({ timed: 2, firstUs: 30, unknown: 1 });
  });

  it("waits for reviews, the oldest for the longest", () => {
    expect(reviewLoad([ticket("S-1", "working")])).toEqual({ count: 0, oldestUs: null });
    const tickets = [
      ticket("S-1", "review", { since_us: 7 }),
      ticket("S-2", "review", { since_us: 3 }),
      ticket("S-3", "escalated", { since_us: 1 }),
    ];
    expect(reviewLoad(tickets)).toEqual({ count: 2, oldestUs: 3 });
  });
});

describe("what an hour of today costs", () => {
  const MIDNIGHT = Date.UTC(2026, 10, 23);
  const H = 3_600_000;
  const project = (dayMs: number, cost_microusd: number) =>
    ({
      days: [{ day_us: dayMs * 1_000, usage: { cost_microusd, tokens: 0, wall_ms: 0 } }],
      day_budget: {},
    }) as unknown as ProjectView;

  it("is what was spent since midnight in UTC, by the hours since then, and at least one", () => {
    const rate = (nowMs: number) => {
      const projects = [
        project(MIDNIGHT, 9_000_000),
        project(MIDNIGHT, 3_000_000),
        project(MIDNIGHT - 24 * H, 70),
      ];
      return perHour(spentToday(projects, nowMs), nowMs);
    };
    expect(rate(MIDNIGHT + 8 * H)).toBe(1_500_000);
    expect(rate(MIDNIGHT + 0.5 * H)).toBe(12_000_000);
    expect(rate(MIDNIGHT + 25 * H)).toBe(0);
  });
});
