// Plans: goals that a planner made tickets of, and where each of them stands.

import type { TicketView } from "../api";
import { nameOf, numbered } from "./needs";

/** The definition that plans, unless another one is asked. */
export const PLANNER = "planner";
/** What titles begin with of those that were asked for as plans. */
const TITLE = "Plan: ";
/** What the tickets of a plan are labelled with; its key follows. */
const LABEL = "plan:";
/** Where a ticket is while its plan is being made. */
const MAKING = new Set(["working", "verifying"]);

/** The key of the plan that proposed a ticket. */
export const planOf = ({ labels }: TicketView) =>
  labels.find((label) => label.startsWith(LABEL))?.slice(LABEL.length);

/** Its goal, as one line. */
export const goalOf = (title: string) => (title.startsWith(TITLE) ? title.slice(TITLE.length) : title);

/**
 * Where a plan stands: `delivered` while a person has drafts to decide about, `accepted` or `dropped` after
 * that; before, whatever its ticket's state is.
 */
export function standing(state: string, proposed: { state: string }[]): string {
  if (state !== "delivered") return MAKING.has(state) ? "running" : state;
  if (proposed.some((ticket) => ticket.state === "draft")) return "delivered";
  return proposed.length > 0 && proposed.every((ticket) => ticket.state === "cancelled")
    ? "dropped"
    : "accepted";
}

export interface Plan {
  ticket: TicketView;
  /** Its tickets that are known, by key. */
  proposed: TicketView[];
  standing: string;
  /** Whether somebody has to decide. */
  decide: boolean;
}

const byKey = (a: TicketView, b: TicketView) => numbered.compare(a.key, b.key);

/** What may be a plan though nothing has come of it so far: its ticket says whether it is. */
export function perhaps(tickets: TicketView[]): TicketView[] {
  const has = new Set(proposals(tickets).keys());
  return tickets.filter(
    (ticket) => !has.has(nameOf(ticket)) && (ticket.title.startsWith(TITLE) || ticket.agent === PLANNER),
  );
}

/** What was proposed, by the names of plans. */
function proposals(tickets: TicketView[]): Map<string, TicketView[]> {
  const found = new Map<string, TicketView[]>();
  for (const ticket of tickets) {
    const key = planOf(ticket);
    if (!key) continue;
    const name = nameOf({ project: ticket.project, key });
    found.set(name, [...(found.get(name) ?? []), ticket]);
  }
  return found;
}

/** All plans, the youngest first; `are` names those that are known to be plans without any ticket. */
export function plans(tickets: TicketView[], are: Set<string>): Plan[] {
  const proposed = proposals(tickets);
  return tickets
    .filter((ticket) => proposed.has(nameOf(ticket)) || are.has(nameOf(ticket)))
    .map((ticket) => {
      const own = (proposed.get(nameOf(ticket)) ?? []).toSorted(byKey);
      const stands = standing(ticket.state, own);
      return { ticket, proposed: own, standing: stands, decide: stands === "delivered" };
    })
    .toSorted((a, b) => b.ticket.created_us - a.ticket.created_us);
}

/** Plans about which somebody has to decide. */
export const undecided = (tickets: TicketView[]) => plans(tickets, new Set()).filter((plan) => plan.decide);

/** What a plan says of a ticket before its text, and the ticket has as its own since. */
const FIELD = /^\*\*(Priority|Depends on|Scope|Agent|Labels|Capabilities):\*\*/i;

/** A ticket's text without its fields, and apart from it what is to hold when it is done. */
export function acceptance(body: string): { text: string; checks: string } {
  const all = body.trim().split("\n");
  const lines = all.slice(all.findIndex((line) => !FIELD.test(line)));
  let fence = "";
  let from = -1;
  let to = lines.length;
  let depth = 0;
  for (const [at, line] of lines.entries()) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    if (mark && (!fence || (mark[0] === fence[0] && mark.length >= fence.length))) fence = fence ? "" : mark;
    if (mark || fence) continue;
    const heading = /^(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line);
    if (!heading) continue;
    if (from < 0 && /^acceptance\b/i.test(heading[2] ?? "")) {
      from = at;
      depth = heading[1]?.length ?? 0;
    } else if (from >= 0 && (heading[1]?.length ?? 0) <= depth) {
      to = at;
      break;
    }
  }
  if (from < 0) return { text: body.trim(), checks: "" };
  const text = [...lines.slice(0, from), ...lines.slice(to)].join("\n").trim();
  return {
    text,
    checks: lines
      .slice(from + 1, to)
      .join("\n")
      .trim(),
  };
}

/** Which tickets of a plan can be worked on at once, in turn: what others wait for comes before them. */
export function waves<T extends { key: string; dependencies?: string[] }>(tickets: T[]): T[][] {
  const left = new Map(tickets.map((ticket) => [ticket.key, ticket]));
  const found: T[][] = [];
  while (left.size > 0) {
    const ready = [...left.values()].filter(
      ({ dependencies = [] }) => !dependencies.some((on) => left.has(on)),
    );
    // Somebody may have made a circle of them meanwhile.
    const wave = ready.length > 0 ? ready : [...left.values()];
    for (const { key } of wave) left.delete(key);
    found.push(wave);
  }
  return found;
}

/** Of drafts that are accepted, those that wait for one that is not: the tickets that they wait for, by key. */
export function heldBack(
  tickets: { key: string; state: string; dependencies?: string[] }[],
  chosen: Set<string>,
): Map<string, string[]> {
  const left = new Set(
    tickets.filter(({ key, state }) => state === "draft" && !chosen.has(key)).map(({ key }) => key),
  );
  const found = new Map<string, string[]>();
  for (const { key, dependencies = [] } of tickets) {
    const on = dependencies.filter((each) => left.has(each));
    if (chosen.has(key) && on.length > 0) found.set(key, on);
  }
  return found;
}
