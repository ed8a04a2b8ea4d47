// How much is going on: what waits for quotas, and what waits for reviews.

import type { TicketView } from "../api";

/** Tickets that wait for the quota of an agent kind. */
export interface Quotas {
  /** Those that go on by themselves. */
  timed: number;
  /** When the first of them does. */
  firstUs: number | null;
  /** Those of which nobody knows when: a person resumes them. */
  unknown: number;
}

/** What is parked for an answer waits for no quota. */
export function quotas(tickets: TicketView[]): Quotas {
  const parked = tickets.filter(({ state }) => state === "parked");
  const until = parked.flatMap(({ wait }) => (wait.for === "clock" && wait.until_us ? [wait.until_us] : []));
  return {
    timed: until.length,
    firstUs: until.length > 0 ? Math.min(...until) : null,
    unknown: parked.filter(({ wait }) => wait.for === "person" && wait.text.includes("resume")).length,
  };
}

export interface ReviewLoad {
  count: number;
  /** Since when the oldest one waits. */
  oldestUs: number | null;
}

/** What waits for a person to let it land. */
export function reviewLoad(tickets: TicketView[]): ReviewLoad {
  const since = tickets.filter(({ state }) => state === "review").map(({ since_us }) => since_us);
  return { count: since.length, oldestUs: since.length > 0 ? Math.min(...since) : null };
}
