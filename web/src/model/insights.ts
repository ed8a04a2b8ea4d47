// Figures over time: the daemon counts them, by project and day; here they are put together.

import type { ProjectInsights } from "../api";

const DAY_MS = 86_400_000;

type Counts = Omit<ProjectInsights["days"][number], "day">;

/** What was counted on a day, or in a number of them. */
export type Tally = Counts;

export interface Day extends Tally {
  /** Its beginning in UTC, in milliseconds. */
  ms: number;
}

const NONE: Tally = {
  added: 0,
  landed: 0,
  delivered: 0,
  cancelled: 0,
  escalated: 0,
  questions: 0,
  alerts: 0,
  attempts: 0,
  commits: 0,
  passed: 0,
  failed: 0,
  inconclusive: 0,
  measured_first: 0,
  passed_first: 0,
  approved: 0,
  rejected: 0,
  conflicts: 0,
  tokens: 0,
  cost_microusd: 0,
  busy_ms: 0,
};

/** Everything that is counted, in the order in which it is exported. */
export const COUNTED = Object.keys(NONE) as (keyof Tally)[];

function add(to: Tally, more: Tally): void {
  for (const name of COUNTED) to[name] += more[name];
}

/** The last days of all these projects, today included, the oldest first. */
export function days(projects: ProjectInsights[], nowMs: number, count: number): Day[] {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const all = new Map<string, Day>();
  for (let at = count - 1; at >= 0; at -= 1) {
    const ms = today - at * DAY_MS;
    all.set(isoDay(ms), { ...NONE, ms });
  }
  for (const told of projects.flatMap((project) => project.days)) {
    const day = all.get(told.day);
    if (day) add(day, told);
  }
  return [...all.values()];
}

export function sum(tallies: Tally[]): Tally {
  const total = { ...NONE };
  for (const tally of tallies) add(total, tally);
  return total;
}

/** A share in per cent; `null` where there is nothing to have a share of. */
export const share = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.round((100 * part) / whole);

type Spread = ProjectInsights["to_landing"];

/** The mean of what was measured in several places, in milliseconds. */
export function mean(spreads: Spread[]): number | null {
  const measured = spreads.filter(({ mean_ms }) => mean_ms != null);
  const count = measured.reduce((all, spread) => all + spread.count, 0);
  const ms = measured.reduce((all, spread) => all + spread.count * (spread.mean_ms ?? 0), 0);
  return count === 0 ? null : ms / count;
}

/** As a spreadsheet reads it. A cell that would be a formula there is none. */
export function csv(rows: (string | number)[][]): string {
  const cell = (value: string | number) => {
    const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

export const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);
