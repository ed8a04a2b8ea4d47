import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { EventView } from "../api";
import { axis, course, TYPES } from "./course";

const H = 3_600_000_000;
const events = (...told: [h: number, key: string, type: string, job?: string][]): EventView[] =>
  told.map(([h, key, type, job], at) => ({
    seq: at + 1,
    at_us: h * H,
    actor: "gangline",
    type,
    text: `${type} of ${key}`,
    project: "shop",
    key,
    job: job ?? null,
  }));
const told = (all: EventView[], from = 24, to = 48, now = 40) =>
  course(all, from * H, to * H, now * H).map(
    ({ key, bars }) =>
      `${key} ${bars.map((bar) => `${bar.stage} ${bar.fromUs / H}-${bar.toUs / H}${bar.earlier ? " earlier" : ""}${bar.end === null ? " on" : ""}`).join(", ")}`,
  );

it("asks for types of events that there are", () => {
  const known = readFileSync("../crates/gangline-domain/src/event/types.rs", "utf8");
  for (const type of TYPES.split(",")) expect(known).toContain(`"${type}"`);
});

it("tells from when to when a ticket was worked on, verified, reviewed and landed", () => {
  const all = events(
    [25, "A-1", "attempt_started", "shop.A-1.a1"],
    [26, "A-1", "attempt_ended"],
    [26, "A-1", "job_started", "shop.A-1.c2"],
    [27, "A-1", "job_started", "shop.A-1.v3"],
    [28, "A-1", "verified"],
    [28, "A-1", "review_requested"],
    [30, "A-1", "approved"],
    [30, "A-1", "landing_started", "shop.A-1.i4"],
    [31, "A-1", "landed"],
  );
  expect(told(all)).toEqual(["A-1 attempt 25-26, verification 27-28, review 28-30, landing 30-31"]);
});

it("knows what began before the day, and what goes on", () => {
  const all = events(
    [20, "A-1", "attempt_started"],
    [21, "A-2", "attempt_started"],
    [22, "A-2", "attempt_ended"],
    [26, "A-3", "verified"],
    [27, "A-1", "attempt_ended"],
    [27, "A-1", "sent_back"],
    [28, "A-1", "attempt_started"],
    [50, "A-1", "attempt_ended"],
  );
  expect(told(all)).toEqual([
    "A-1 attempt 24-27 earlier, attempt 28-40 on",
    "A-3 verification 24-26 earlier",
  ]);
});

it("ends everything with the ticket", () => {
  const all = events([25, "A-1", "review_requested"], [26, "A-1", "cancelled"]);
  expect(told(all)).toEqual(["A-1 review 25-26"]);
});

it("shows as much of the day as anything happened in", () => {
  const day = (h: number, to: number) =>
    axis(
      course(events([h, "A-1", "review_requested"], [to, "A-1", "approved"]), 24 * H, 48 * H, 48 * H),
      24 * H,
      48 * H,
    );
  const short = day(30.02, 30.03);
  expect([short.fromUs / H, (short.toUs - short.fromUs) / H]).toEqual([
    expect.closeTo(30 + 1 / 60),
    expect.closeTo(11 / 60),
  ]);
  const long = day(25, 47);
  expect([long.fromUs / H, long.toUs / H]).toEqual([24, 48]);
  expect(long.marksUs.length).toBeLessThanOrEqual(13);
  const none = axis([], 24 * H, 48 * H);
  expect([none.fromUs / H, none.toUs / H]).toEqual([24, 48]);
});
