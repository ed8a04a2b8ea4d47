// The course of a day: from the events, what each ticket was at, from when to when.

import type { EventView } from "../api";
import { nameOf } from "./needs";

export type Stage = "attempt" | "verification" | "review" | "landing";

export const STAGES: Record<Stage, { title: string; ink: string }> = {
  attempt: { title: "attempt", ink: "--accent" },
  verification: { title: "verification", ink: "--ink-3" },
  review: { title: "review", ink: "--attention" },
  landing: { title: "landing", ink: "--good" },
};

export interface Bar {
  stage: Stage;
  fromUs: number;
  toUs: number;
  /** What ended it; `null` while it goes on. */
  end: string | null;
  /** It began before the day did. */
  earlier: boolean;
}

export interface Row {
  project: string;
  key: string;
  bars: Bar[];
}

/** What each type of event begins. Jobs are told apart by the letter of their name. */
function begins({ type, job }: EventView): Stage | null {
  if (type === "attempt_started" || type === "attempt_regained") return "attempt";
  if (type === "review_requested") return "review";
  if (type === "landing_started") return "landing";
  if (type !== "job_started") return null;
  const letter = job?.slice(job.lastIndexOf(".") + 1)[0];
  return letter === "v" ? "verification" : letter === "r" ? "review" : null;
}

const ENDS: Record<string, Stage[]> = {
  attempt_ended: ["attempt"],
  attempt_adopted: ["attempt"],
  attempt_lost: ["attempt"],
  verified: ["verification"],
  job_failed: ["verification"],
  reviewer_ended: ["review"],
  approved: ["review"],
  rejected: ["review"],
  sent_back: ["verification", "review", "landing"],
  held: ["attempt", "verification", "review", "landing"],
  escalated: ["attempt", "verification", "review", "landing"],
  cancelled: ["attempt", "verification", "review", "landing"],
  landed: ["attempt", "verification", "review", "landing"],
  delivered: ["attempt", "verification", "review", "landing"],
};
/** Where the end alone is heard of, this had begun before. */
const BEGUN: Record<string, Stage> = {
  attempt_ended: "attempt",
  verified: "verification",
  approved: "review",
  rejected: "review",
  landed: "landing",
};

/** The types that a course is made of, as the daemon is asked for them. */
export const TYPES = [
  "attempt_started",
  "attempt_regained",
  "job_started",
  "review_requested",
  "landing_started",
  ...Object.keys(ENDS),
].join(",");

/**
 * A row for each ticket that was at anything between two moments, in the order in which they began.
 * `events` are in sequence, and may begin before `fromUs`; `nowUs` ends what goes on.
 */
export function course(events: EventView[], fromUs: number, toUs: number, nowUs: number): Row[] {
  const rows = new Map<string, Row>();
  const open = new Map<string, Bar>();
  for (const event of events) {
    const { project, key, at_us, type } = event;
    if (!project || !key || at_us >= toUs) continue;
    const name = nameOf({ project, key });
    const row = rows.get(name) ?? { project, key, bars: [] };
    rows.set(name, row);
    const known = (ENDS[type] ?? []).filter((stage) => open.has(`${name} ${stage}`));
    const unheard = BEGUN[type];
    if (known.length === 0 && unheard && row.bars.length === 0)
      row.bars.push({ stage: unheard, fromUs, toUs: at_us, end: event.text, earlier: true });
    for (const stage of known) {
      const bar = open.get(`${name} ${stage}`);
      open.delete(`${name} ${stage}`);
      if (bar) Object.assign(bar, { toUs: at_us, end: event.text });
    }
    const stage = begins(event);
    if (stage && !open.has(`${name} ${stage}`)) {
      const bar: Bar = { stage, fromUs: at_us, toUs: Math.min(nowUs, toUs), end: null, earlier: false };
      open.set(`${name} ${stage}`, bar);
      row.bars.push(bar);
    }
  }
  return [...rows.values()]
    .map((row) => ({ ...row, bars: clipped(row.bars, fromUs) }))
    .filter(({ bars }) => bars.length > 0)
    .sort((a, b) => (a.bars[0]?.fromUs ?? 0) - (b.bars[0]?.fromUs ?? 0));
}

const clipped = (bars: Bar[], fromUs: number): Bar[] =>
  bars
    .filter(({ toUs }) => toUs > fromUs)
    .map((bar) => (bar.fromUs < fromUs ? { ...bar, fromUs, earlier: true } : bar));

const MIN_US = 60_000_000;
/** Between two marks of the axis. */
const STEPS_US = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240].map((minutes) => minutes * MIN_US);
const MARKS_MAX = 12;
/** What is shown at least. */
const SHOWN_US_MIN = 10 * MIN_US;

export interface Axis {
  fromUs: number;
  toUs: number;
  marksUs: number[];
}

/** As much of the day as anything happened in, between round times. */
export function axis(rows: Row[], fromUs: number, toUs: number): Axis {
  const bars = rows.flatMap((row) => row.bars);
  const first = Math.min(toUs, ...bars.map((bar) => bar.fromUs));
  const last = Math.max(fromUs, ...bars.map((bar) => bar.toUs));
  if (bars.length === 0) return marked(fromUs, toUs, STEPS_US.at(-1) ?? MIN_US);
  const step = STEPS_US.find((us) => (Math.max(last - first, SHOWN_US_MIN) + 2 * us) / us <= MARKS_MAX);
  return marked(first, Math.max(last, first + SHOWN_US_MIN), step ?? 240 * MIN_US, fromUs, toUs);
}

function marked(firstUs: number, lastUs: number, stepUs: number, minUs = firstUs, maxUs = lastUs): Axis {
  const fromUs = Math.max(minUs, Math.floor(firstUs / stepUs) * stepUs);
  const toUs = Math.min(maxUs, Math.ceil(lastUs / stepUs) * stepUs);
  const marksUs = [];
  for (let us = fromUs; us <= toUs; us += stepUs) marksUs.push(us);
  return { fromUs, toUs, marksUs };
}
