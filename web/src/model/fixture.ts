// Tickets as tests tell of them.

import type { TicketView } from "../api";

export const ticket = (key: string, state: string, more: Partial<TicketView> = {}): TicketView => ({
  project: "shop",
  key,
  title: `Title of ${key}`,
  state,
  since_us: 0,
  priority: "medium",
  labels: [],
  agent: "a",
  wait: { for: "nothing", text: "" },
  tries_spent: 0,
  tries: 3,
  usage: { tokens: 0, cost_microusd: 0, wall_ms: 0 },
  created_us: 0,
  ...more,
});
