// The board: which tickets are meant, in which column, lane and order each stands.

import type { TicketView } from "../api";
import { isClosed } from "./acts";
import { numbered } from "./needs";
import { COLUMNS, PRIORITIES, priorityRank, STATES } from "./states";

export type Lanes = "none" | "agent" | "label" | "priority" | "project";

/** What a ticket is found by. */
const words = (ticket: TicketView) =>
  `${ticket.key} ${ticket.project} ${ticket.title} ${ticket.state} ${ticket.agent} ${ticket.labels.join(" ")} ${ticket.external_ref ?? ""}`.toLowerCase();

const found = new WeakMap<TicketView, string>();

function wordsOf(ticket: TicketView): string {
  const known = found.get(ticket);
  if (known !== undefined) return known;
  const fresh = words(ticket);
  found.set(ticket, fresh);
  return fresh;
}

/** Those that have all the words. */
export function filtered(tickets: TicketView[], text: string): TicketView[] {
  const wanted = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return tickets;
  return tickets.filter((ticket) => wanted.every((word) => wordsOf(ticket).includes(word)));
}

/** What is urgent first, then what has been so for the longest. */
export function inOrder(a: TicketView, b: TicketView): number {
  return (
    priorityRank(a.priority) - priorityRank(b.priority) ||
    a.since_us - b.since_us ||
    numbered.compare(a.key, b.key)
  );
}

/** Whether its agent has asked, and a person is to answer. */
export const asks = ({ state, wait }: TicketView) =>
  (state === "working" || state === "parked") && wait.for === "person";

/** The tickets of each column, in order; what is closed has the last closed first. */
export function columns(tickets: TicketView[]): TicketView[][] {
  const place = new Map(COLUMNS.flatMap(({ states }, at) => states.map((state) => [state, at] as const)));
  const all: TicketView[][] = COLUMNS.map(() => []);
  for (const ticket of tickets) all[place.get(asks(ticket) ? "review" : ticket.state) ?? 0]?.push(ticket);
  return all.map((column, at) =>
    column.sort(at === COLUMNS.length - 1 ? (a, b) => b.since_us - a.since_us : inOrder),
  );
}

/** Tickets by lane; one of several labels stands in each of their lanes. */
export function lanes(tickets: TicketView[], by: Lanes): { name: string; tickets: TicketView[] }[] {
  if (by === "none") return [{ name: "", tickets }];
  // A lane of no ticket yet is there to drop one on.
  const all = new Map<string, TicketView[]>(by === "priority" ? PRIORITIES.map((name) => [name, []]) : []);
  for (const ticket of tickets) {
    for (const name of namesOf(ticket, by)) {
      const lane = all.get(name);
      if (lane) lane.push(ticket);
      else all.set(name, [ticket]);
    }
  }
  const sorted = [...all].sort(([a], [b]) =>
    by === "priority" ? priorityRank(a) - priorityRank(b) : numbered.compare(a, b),
  );
  return sorted.map(([name, of]) => ({ name, tickets: of }));
}

function namesOf(ticket: TicketView, by: Exclude<Lanes, "none">): string[] {
  if (by === "label") return ticket.labels.length > 0 ? ticket.labels : ["no label"];
  if (by === "agent") return [ticket.agent || "no agent"];
  return [by === "priority" ? ticket.priority : ticket.project];
}

export type Sort = "state" | "key" | "priority" | "age" | "agent";

const BY: Record<Sort, (a: TicketView, b: TicketView) => number> = {
  state: (a, b) => stateRank(a.state) - stateRank(b.state) || inOrder(a, b),
  key: (a, b) => numbered.compare(a.key, b.key),
  priority: inOrder,
  age: (a, b) => a.since_us - b.since_us,
  agent: (a, b) => numbered.compare(a.agent, b.agent) || inOrder(a, b),
};

/** What is farthest on its way, and not closed, first. */
const STATE_RANK = new Map<string, number>(
  STATES.map((state, at) => [state, isClosed(state) ? 100 + at : -at]),
);
const stateRank = (state: string) => STATE_RANK.get(state) ?? 0;

export const sorted = (tickets: TicketView[], by: Sort) => tickets.toSorted(BY[by]);

/** The priority that dropping a ticket on a lane gives it, if another one. */
export function prioritised(ticket: TicketView, by: Lanes, lane: string): string | null {
  return by === "priority" && lane !== ticket.priority ? lane : null;
}

/** What dropping a ticket on a column means, if anything. */
export function dropped(ticket: TicketView, column: string): "hold" | "resume" | "start" | null {
  const { state } = ticket;
  if (column === "Waiting" && !["draft", "held"].includes(state)) return "hold";
  if (column === "At work" && state === "draft") return "start";
  if (column === "At work" && ["held", "parked", "backoff"].includes(state)) return "resume";
  return null;
}
