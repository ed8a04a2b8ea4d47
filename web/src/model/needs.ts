// What needs a person first. The same decisions, words and order as in `gangline top`: who blocks
// most stands first; among equals, what holds up the most tickets, then what has waited longest.

import type { Circuit, NodeView, TicketDetail, TicketRef, TicketView } from "../api";
import { plain } from "./plain";

export type NeedWord = "broken" | "question" | "escalated" | "review" | "silent" | "uncommitted" | "short";

export interface Need {
  /** Names it whatever its place. */
  id: string;
  word: NeedWord;
  about: { ticket: TicketView } | { kind: string } | { node: string };
  /** What it is about. */
  title: string;
  /** Why, in full. */
  why: string;
  /** Since when; nothing where that is not told. */
  sinceUs: number | null;
  /** Keys of the tickets that wait for it. */
  holdsUp: string[];
}

const RANK: Record<NeedWord, number> = {
  broken: 0,
  question: 1,
  escalated: 2,
  review: 3,
  silent: 4,
  uncommitted: 4,
  short: 4,
};

/** `SHOP-9` stands before `SHOP-10`. */
export const numbered = new Intl.Collator("en", { numeric: true });

export const nameOf = (ticket: TicketRef) => `${ticket.project}.${ticket.key}`;

/** Whether a person may be needed: its evidence is read. */
export function mayNeed(ticket: TicketView): boolean {
  return word(ticket) !== null;
}

/** What only a person may end. Tests that fail and collisions are seen to by the next attempt. */
function ofAttempt(ticket: TicketView) {
  return ticket.alerts?.find(({ kind }) => kind === "silence" || kind === "uncommitted");
}

function word(ticket: TicketView): NeedWord | null {
  const { state } = ticket;
  if ((state === "working" || state === "parked") && ticket.wait.for === "person") return "question";
  if (state === "escalated" || state === "review") return state;
  const alert = ofAttempt(ticket);
  if (!alert) return null;
  return alert.kind === "silence" ? "silent" : "uncommitted";
}

function reason(
  ticket: TicketView,
  needed: NeedWord,
  detail: TicketDetail | undefined,
): Pick<Need, "why" | "sinceUs"> {
  const since = (why: string, sinceUs = ticket.since_us) => ({ why: plain(why), sinceUs });
  if (needed === "question") {
    const question = detail?.questions[0];
    return question ? since(question.text, question.asked_us) : since(ticket.wait.text);
  }
  if (needed === "escalated") return since(detail?.escalation?.summary ?? ticket.wait.text);
  if (needed === "review") {
    const doubt = detail?.report?.checks.flatMap((check) => check.doubts ?? [])[0];
    return since(doubt ? `look at this: ${doubt}` : "verified: it waits for leave to land");
  }
  const alert = ofAttempt(ticket);
  return since(alert?.text ?? "", alert?.since_us);
}

/** For each ticket, the keys of the live ones that wait for it. */
export function waiting(tickets: TicketView[], details: Map<string, TicketDetail>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (name: string, key: string) => {
    const known = found.get(name);
    if (known) known.add(key);
    else found.set(name, new Set([key]));
  };
  for (const ticket of tickets) {
    for (const on of ticket.wait.on ?? []) add(nameOf({ project: ticket.project, key: on }), ticket.key);
  }
  const named = new Set(
    [...details.values()].flatMap(({ project, dependents }) =>
      dependents.map((key) => nameOf({ project, key })),
    ),
  );
  // Few are named, of many.
  const live = new Set(named.size > 0 ? tickets.map(nameOf).filter((name) => named.has(name)) : []);
  for (const [name, { project, dependents }] of details) {
    for (const key of dependents) {
      if (live.has(nameOf({ project, key }))) add(name, key);
    }
  }
  return found;
}

/** Tickets that wait for an agent kind to be mended. The kind stands in the words for people alone. */
export function heldUpBy(tickets: TicketView[], kind: string): TicketView[] {
  return tickets.filter(
    (ticket) => ticket.wait.for === "circuit" && ticket.wait.text.includes(`kind ${kind} `),
  );
}

/** All of it, in order. */
export function needs(
  tickets: TicketView[],
  circuits: Circuit[],
  details: Map<string, TicketDetail>,
  nodes: NodeView[] = [],
): Need[] {
  const holds = waiting(tickets, details);
  const all: Need[] = circuits.map(({ kind, why }) => ({
    id: `kind:${kind}`,
    word: "broken",
    about: { kind },
    title: `The agent kind ${kind} is switched off`,
    why: plain(why),
    sinceUs: null,
    holdsUp: heldUpBy(tickets, kind).map((ticket) => ticket.key),
  }));
  for (const { name, alerts } of nodes) {
    for (const { kind, text, since_us } of alerts ?? []) {
      const id = `node:${name}:${kind}`;
      all.push({
        id,
        word: "short",
        about: { node: name },
        title: `${name} runs short of ${plain(kind)}`,
        why: plain(text),
        sinceUs: since_us,
        holdsUp: [],
      });
    }
  }
  for (const ticket of tickets) {
    const needed = word(ticket);
    if (!needed) continue;
    const name = nameOf(ticket);
    const holdsUp = [...(holds.get(name) ?? [])];
    all.push({
      id: name,
      word: needed,
      about: { ticket },
      title: plain(ticket.title),
      ...reason(ticket, needed, details.get(name)),
      holdsUp,
    });
  }
  return all.sort(
    (a, b) =>
      RANK[a.word] - RANK[b.word] ||
      b.holdsUp.length - a.holdsUp.length ||
      (a.sinceUs ?? 0) - (b.sinceUs ?? 0) ||
      numbered.compare(a.id, b.id),
  );
}
