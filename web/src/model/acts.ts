// What a person can do, each with its key. What makes sense for a ticket is said by the daemon (the
// `actions` of its packet), as for all surfaces; here it only gets words, keys and a form.

import type { Action, TicketDetail } from "../api";
import type { Role } from "./roles";

export type Act =
  | "answer"
  | "approve"
  | "reject"
  | "retry"
  | "recheck"
  | "permit"
  | "take-over"
  | "hand-back"
  | "start"
  | "resume"
  | "stop"
  | "steer"
  | "follow"
  | "diff"
  | "hold"
  | "edit"
  | "split"
  | "cancel";

export interface ActWords {
  /** Its key. */
  key: string;
  label: string;
  help: string;
  /** How it is asked for: at once, after a second look, with a text, or it only leads somewhere. */
  form: "plain" | "sure" | "text" | "parts" | "paths" | "edit" | "leads";
  tone?: "good" | "bad";
  /** The role that the daemon asks for. */
  needs: Role;
}

/** In the order in which they are told. */
export const ACTS: Record<Act, ActWords> = {
  answer: { key: "a", label: "Answer", help: "answer the agent's question", form: "text", needs: "L1" },
  approve: {
    key: "y",
    label: "Approve",
    help: "let the verified commit land",
    form: "sure",
    tone: "good",
    needs: "L2",
  },
  reject: { key: "n", label: "Reject", help: "send it back, with a reason", form: "text", needs: "L2" },
  retry: {
    key: "r",
    label: "Retry",
    help: "give it all its tries again, with a hint",
    form: "text",
    needs: "L1",
  },
  recheck: {
    key: "v",
    label: "Recheck",
    help: "verify once more what it offered last",
    form: "plain",
    needs: "L1",
  },
  permit: {
    key: "p",
    label: "Permit",
    help: "let its agents change what the report names",
    form: "paths",
    needs: "L2",
  },
  "take-over": {
    key: "t",
    label: "Take over",
    help: "work on it yourself, in its worktree",
    form: "sure",
    needs: "L1",
  },
  "hand-back": {
    key: "b",
    label: "Hand back",
    help: "have what is in its worktree verified",
    form: "plain",
    needs: "L1",
  },
  start: { key: "u", label: "Start", help: "open a draft", form: "plain", needs: "L1" },
  resume: { key: "u", label: "Resume", help: "let it go on", form: "plain", needs: "L1" },
  stop: {
    key: "s",
    label: "Stop",
    help: "end its agent, keep its work, and hold it",
    form: "sure",
    needs: "L1",
  },
  steer: {
    key: "m",
    label: "Steer",
    help: "say something to its agent while it works",
    form: "leads",
    needs: "L1",
  },
  follow: { key: "f", label: "Follow", help: "watch what its agent does", form: "leads", needs: "L0" },
  diff: { key: "d", label: "Diff", help: "read what changed", form: "leads", needs: "L0" },
  hold: { key: "h", label: "Hold", help: "keep it from going on", form: "plain", needs: "L1" },
  edit: { key: "e", label: "Edit", help: "change what is asked for", form: "edit", needs: "L1" },
  split: {
    key: "x",
    label: "Split",
    help: "make smaller tickets of its parts, and cancel it",
    form: "parts",
    needs: "L1",
  },
  cancel: {
    key: "c",
    label: "Cancel",
    help: "end it; its work is kept under rescue refs",
    form: "sure",
    tone: "bad",
    needs: "L1",
  },
};

const BY_NAME: Record<string, Act> = {
  answer: "answer",
  approve: "approve",
  reject: "reject",
  more_context: "retry",
  mend_machine: "retry",
  calm: "retry",
  recheck: "recheck",
  permit: "permit",
  take_over: "take-over",
  hand_back: "hand-back",
  start: "start",
  resume: "resume",
  stop: "stop",
  steer: "steer",
  hold: "hold",
  edit: "edit",
  simplify: "edit",
  split: "split",
  cancel: "cancel",
  discard: "cancel",
  logs: "follow",
  diff: "diff",
};

export interface Offer {
  act: Act;
  /** What it does, as a lowercase fragment. */
  what: string;
  /** The command that does the same. */
  command: string;
}

const CLOSED = new Set(["landed", "delivered", "cancelled"]);
export const isClosed = (state: string) => CLOSED.has(state);

/** What can be done about a ticket, the likeliest first. */
export function offers(detail: TicketDetail, actions: Action[]): Offer[] {
  const found: Offer[] = [];
  for (const { name, what, command } of actions) {
    const act = BY_NAME[name];
    if (act && !found.some((offer) => offer.act === act)) found.push({ act, what, command });
  }
  const { key, state } = detail;
  const also = (act: Act, holds: boolean, command: string) => {
    if (holds && !found.some((offer) => offer.act === act))
      found.push({ act, what: ACTS[act].help, command });
  };
  also("stop", state === "working", `gangline stop ${key}`);
  also("steer", state === "working", `gangline steer ${key} "…"`);
  also("follow", detail.attempts.length > 0 || state === "working", `gangline logs -f ${key}`);
  also("diff", Boolean(detail.commit) || detail.attempts.some((a) => a.commit), `gangline diff ${key}`);
  also("edit", !isClosed(state), `gangline edit ${key}`);
  also("cancel", !isClosed(state), `gangline cancel ${key}`);
  return found;
}

/** Patterns that the last report asks leave for. */
export function wantedPermits(detail: TicketDetail): string[] {
  const failed = detail.report?.checks.filter((check) => check.required && check.verdict === "fail") ?? [];
  return [...new Set(failed.flatMap((check) => check.permit ?? []))].sort();
}
