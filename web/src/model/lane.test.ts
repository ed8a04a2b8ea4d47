import { describe, expect, it } from "vitest";
import type { QueueEntry } from "../api";
import { ticket } from "./fixture";
import { due, judgedBy, jump, type Lane, roughly, usual, waitsFor } from "./lane";

const MIN = 60_000;

const entry = (position: number, key: string, state = "queued", since_us = position): QueueEntry => ({
  project: "shop",
  key,
  title: key,
  state,
  position,
  commit: "0".repeat(40),
  approved_by: "person:ann",
  since_us,
});

const turn = { for: "lane", text: "its turn in the merge queue" };
const job = { for: "job", text: "its job on node local" };

/** One is being landed since the moment 0, two wait. */
const lane = (more: Partial<Lane> = {}): Lane => ({
  entries: [entry(1, "S-1", "landing"), entry(2, "S-2"), entry(3, "S-3")],
  tickets: new Map([
    ["S-1", ticket("S-1", "landing", { wait: job, priority: "high" })],
    ["S-2", ticket("S-2", "queued", { wait: turn })],
    ["S-3", ticket("S-3", "queued", { wait: turn })],
  ]),
  landing: "local",
  paused: false,
  usual: { ms: 4 * MIN, count: 7 },
  ...more,
});

const said = (of: Lane, nowMs = 0) => of.entries.map((each) => due(of, each, nowMs));

describe("when something has probably landed", () => {
  it("is said as roughly as it is known", () => {
    expect(
      [0, 30_000, 4.4 * MIN, 13 * MIN, 80 * MIN, 100 * MIN, 14 * 60 * MIN, 4 * 1440 * MIN].map(roughly),
    ).toEqual([
      "less than a minute",
      "less than a minute",
      "about 4 min",
      "about 13 min",
      "about 80 min",
      "about 2 h",
      "about 14 h",
      "about 4 d",
    ]);
  });

  it("is what landings take, for each before it, less what the first has had", () => {
    expect(said(lane())).toEqual(["in about 4 min", "in about 8 min", "in about 12 min"]);
    expect(said(lane(), 3 * MIN)).toEqual(["in about 1 min", "in about 5 min", "in about 9 min"]);
    expect(said(lane(), 9 * MIN)).toEqual(["later than usual", "in about 4 min", "in about 8 min"]);
  });

  it("does not count for a free lane how long somebody waited elsewhere", () => {
    const free = lane({ entries: [entry(1, "S-2"), entry(2, "S-3")] });
    expect(said(free, 60 * MIN)).toEqual(["in about 4 min", "in about 8 min"]);
  });

  it("is not said where there is nothing to judge by, or nothing goes on", () => {
    expect(said(lane({ usual: null }))).toEqual(Array(3).fill("no landing yet to judge by"));
    const paused = "not while the project is paused";
    expect(said(lane({ paused: true }))).toEqual(["in about 4 min", paused, paused]);
    const stuck = lane();
    stuck.tickets.set("S-1", ticket("S-1", "landing", { wait: { for: "clock", text: "the tree is dirty" } }));
    expect(said(stuck)).toEqual([
      "as soon as nothing is in its way",
      "not before S-1 has",
      "not before S-1 has",
    ]);
  });

  it("is of branches each by itself", () => {
    const branches = lane({
      landing: "branch",
      entries: [entry(1, "S-2", "queued", 0), entry(2, "S-3", "queued", 0)],
    });
    expect(said(branches, MIN)).toEqual(["in about 3 min", "in about 3 min"]);
  });

  it("is judged by the median or the mean, whichever is less, and says of how many", () => {
    const figures = (count: number, half_ms?: number, mean_ms?: number) => ({
      to_merge: { count, half_ms, mean_ms },
    });
    expect(usual(undefined)).toBeNull();
    expect(usual(figures(0))).toBeNull();
    expect(usual(figures(3, 5 * MIN, 2 * MIN))).toEqual({ ms: 2 * MIN, count: 3 });
    expect(usual(figures(3, MIN, 90 * MIN))).toEqual({ ms: MIN, count: 3 });
    expect(judgedBy(lane())).toBe(
      "From leave to landing: about 4 min by 7 landings so far, for each one before it and for itself.",
    );
  });
});

describe("what an entry waits for", () => {
  it("is its job, the one before it, or what stands in the way", () => {
    const waits = (of: Lane) => of.entries.map((each) => waitsFor(of, each));
    expect(waits(lane())).toEqual([
      "is built as merged, and measured",
      "waits for S-1, which is being landed",
      "waits for S-2, which is before it",
    ]);
    const stuck = lane();
    const clock = {
      for: "clock",
      text: "src/cart.ts is changed in the repository",
      until_us: Date.UTC(2026, 0, 1),
    };
    stuck.tickets.set("S-1", ticket("S-1", "landing", { wait: clock }));
    stuck.tickets.set(
      "S-3",
      ticket("S-3", "queued", { wait: { for: "paused", text: "the project to be resumed" } }),
    );
    const [first, second, third] = waits(stuck);
    expect(first).toMatch(/^src\/cart.ts is changed in the repository; tried again at \d\d:\d\d$/);
    expect(second).toBe("waits for S-1, which cannot land as things are");
    expect(third).toBe("waits for the project to be resumed");
  });

  it("is its turn where the lane is free", () => {
    const free = lane({ entries: [entry(1, "S-2"), entry(2, "S-3")] });
    expect(waitsFor(free, free.entries[0] as QueueEntry)).toBe("waits for its turn, which is now");
  });
});

describe("what is made the next one", () => {
  const jumps = (of: Lane) => of.entries.map((each) => jump(of, each));

  it("is raised to critical, unless it is the next one already", () => {
    expect(jumps(lane())).toEqual([
      { may: false, why: "It is in the lane." },
      { may: false, why: "It is the next one already." },
      { may: true, why: "Raise its priority to critical: it is the next one." },
    ]);
  });

  it("comes after what is critical too and has waited longer, and gets no further", () => {
    const critical = lane();
    critical.tickets.set("S-2", ticket("S-2", "queued", { wait: turn, priority: "critical" }));
    expect(jumps(critical)[2]?.why).toBe(
      "Raise its priority to critical: it comes after S-2, which is too and has waited longer.",
    );
    critical.tickets.set("S-3", ticket("S-3", "queued", { wait: turn, priority: "critical" }));
    expect(jumps(critical)[2]).toEqual({
      may: false,
      why: "It is critical, and those before it are too: they have waited longer.",
    });
  });

  it("passes what is critical and came later", () => {
    const later = lane({ entries: [entry(1, "S-2", "queued", 9), entry(2, "S-3", "queued", 5)] });
    later.tickets.set("S-2", ticket("S-2", "queued", { wait: turn, priority: "critical" }));
    expect(jumps(later)[1]?.why).toBe("Raise its priority to critical: it is the next one.");
  });
});
