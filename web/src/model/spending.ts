// What was spent, and what may be.

import type { ProjectView } from "../api";

const DAY_US = 86_400_000_000;

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
