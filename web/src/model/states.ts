// States, priorities and verdicts as they are shown: a word, a tone, and a mark that is no colour.

import type { AlertView } from "../api";

export type Tone = "good" | "bad" | "attention" | "busy" | "calm";

/** In the order in which a ticket travels. */
export const STATES = [
  "draft",
  "open",
  "backoff",
  "parked",
  "held",
  "working",
  "verifying",
  "review",
  "queued",
  "landing",
  "escalated",
  "landed",
  "delivered",
  "cancelled",
] as const;

const TONES: Record<string, Tone> = {
  working: "busy",
  verifying: "busy",
  landing: "busy",
  review: "attention",
  escalated: "bad",
  landed: "good",
  delivered: "good",
  broken: "bad",
  question: "attention",
  silent: "attention",
  uncommitted: "attention",
  short: "attention",
};

export const toneOfState = (state: string): Tone => TONES[state] ?? "calm";

const ALERTS: Record<string, string> = {
  silence: "silent",
  uncommitted: "uncommitted",
  tests_failing: "tests fail",
  conflict: "conflict",
};

/** What is said of an alert in a word, where there is one. */
export const alertWord = ({ kind, text }: AlertView) => ALERTS[kind] ?? text;

/** The columns of the board: which states stand together, left to right. */
export const COLUMNS: { title: string; states: string[]; empty: string }[] = [
  { title: "Waiting", states: ["draft", "open", "backoff", "parked", "held"], empty: "nothing waits" },
  { title: "At work", states: ["working", "verifying"], empty: "no agent is at work" },
  { title: "Yours", states: ["review", "escalated"], empty: "nothing is yours" },
  { title: "Queue", states: ["queued", "landing"], empty: "nothing waits to land" },
  { title: "Closed", states: ["landed", "delivered", "cancelled"], empty: "nothing has landed" },
];

/** The most urgent first. */
export const PRIORITIES = ["critical", "high", "medium", "low"];

const PRIORITY_RANK = new Map(PRIORITIES.map((priority, rank) => [priority, rank]));

export const priorityRank = (priority: string) => PRIORITY_RANK.get(priority) ?? PRIORITIES.length;

export const toneOfVerdict = (verdict: string): Tone =>
  verdict === "pass" ? "good" : verdict === "fail" ? "bad" : "attention";
