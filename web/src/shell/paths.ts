// Where everything is: addresses that can be kept and sent on.

import type { TicketRef } from "../api";

export const pathOf = ({ project, key }: TicketRef) =>
  `/t/${encodeURIComponent(project)}/${encodeURIComponent(key)}`;

export interface Place {
  path: string;
  title: string;
  /** The letter behind `g`. */
  key: string;
}

export const PLACES: Place[] = [
  { path: "/", title: "Needs me", key: "n" },
  { path: "/board", title: "Board", key: "b" },
  { path: "/queue", title: "Merge queue", key: "q" },
  { path: "/agents", title: "Agents", key: "a" },
  { path: "/insights", title: "Insights", key: "i" },
  { path: "/settings", title: "Settings", key: "s" },
];
