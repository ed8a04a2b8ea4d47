// What was spent, and what may be.

import type { ProjectView } from "../api";

const HOUR_MS = 3_600_000;
const DAY_US = 24 * HOUR_MS * 1_000;

export interface Spent {
  microusd: number;
  tokens: number;
  /** What may be spent; of several projects, no sum of budgets is one. */
  microusdMax: number | null;
}

/** Of today, in UTC. */
export function spentToday(projects: ProjectView[], nowMs: number): Spent {
  const today = Math.floor((nowMs * 1_000) / DAY_US) * DAY_US;
  const spent: Spent = { microusd: 0, tokens: 0, microusdMax: null };
  for (const day of projects.flatMap((project) => project.days)) {
    if (day.day_us !== today) continue;
    spent.microusd += day.usage.cost_microusd;
    spent.tokens += day.usage.tokens;
  }
  if (projects.length === 1) spent.microusdMax = projects[0]?.day_budget.cost_microusd ?? null;
  return spent;
}

/**
 * Millionths of a US dollar for each hour that today (UTC) has had: spending is counted by day. A day that
 * has only just begun counts as an hour.
 */
export function perHour({ microusd }: Spent, nowMs: number): number {
  const hours = (nowMs % (DAY_US / 1_000)) / HOUR_MS;
  return microusd / Math.max(1, hours);
}
