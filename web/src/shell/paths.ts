// Where everything is: addresses that can be kept and sent on.

import type { TicketRef } from "../api";

export const pathOf = ({ project, key }: TicketRef) =>
  `/t/${encodeURIComponent(project)}/${encodeURIComponent(key)}`;

export const planPath = ({ project, key }: TicketRef) =>
  `/plans/${encodeURIComponent(project)}/${encodeURIComponent(key)}`;

export const policyPath = (project: string) => `/settings/policy/${encodeURIComponent(project)}`;

export interface Place {
  path: string;
  title: string;
  /** The letter behind `g`. */
  key: string;
  /** It is not at the foot of a phone, where there is no room: another view leads to it. */
  aside?: boolean;
}

export const PLACES: Place[] = [
  { path: "/", title: "Needs me", key: "n" },
  { path: "/board", title: "Board", key: "b" },
  { path: "/plans", title: "Plans", key: "p" },
  { path: "/schedules", title: "Schedules", key: "c", aside: true },
  { path: "/queue", title: "Merge queue", key: "q" },
  { path: "/agents", title: "Agents", key: "a" },
  { path: "/insights", title: "Insights", key: "i" },
  { path: "/settings", title: "Settings", key: "s" },
];
