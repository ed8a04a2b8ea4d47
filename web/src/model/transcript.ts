// A journal as a transcript: what was said and thought, what tools did, the plan, the files.

import type { JournalLine } from "../api";

export type Item =
  | { id: string; kind: "said"; atUs: number; text: string }
  | { id: string; kind: "thought"; atUs: number; text: string }
  | { id: string; kind: "steered"; atUs: number; text: string }
  | {
      id: string;
      kind: "tool";
      atUs: number;
      tool: string;
      detail: string;
      paths: string[];
      done: { ok: boolean; detail: string; atUs: number } | null;
    }
  | { id: string; kind: "asked"; atUs: number; text: string; options: string[] }
  | { id: string; kind: "step"; atUs: number; text: string }
  | { id: string; kind: "job"; atUs: number; job: string };

export interface PlanItem {
  text: string;
  /** `pending`, `in_progress` or `done`. */
  status: string;
}

export interface Transcript {
  items: Item[];
  plan: PlanItem[];
  /** Files that tools named, the last one first. */
  files: string[];
  usage: { tokens: number; cost_microusd: number } | null;
  model: string | null;
}

export const empty = (): Transcript => ({ items: [], plan: [], files: [], usage: null, model: null });

const text = (value: unknown) => (typeof value === "string" ? value : "");
const texts = (value: unknown) =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

/** The transcript with more lines; what has not changed is the same object. */
export function grown(before: Transcript, lines: JournalLine[], job: string | undefined): Transcript {
  const after: Transcript = { ...before, items: [...before.items] };
  for (const line of lines) take(after, line, job ?? "");
  return after;
}

function take(to: Transcript, { entry, text: shown }: JournalLine, job: string): void {
  const base = { id: `${job}:${entry.n}`, atUs: entry.at_us };
  switch (entry.kind) {
    case "opened":
      to.items.push({ ...base, kind: "job", job: text(entry.job) || job });
      to.plan = [];
      return;
    case "message":
      to.items.push({ ...base, kind: "said", text: text(entry.text) });
      return;
    case "steered":
      to.items.push({ ...base, kind: "steered", text: text(entry.text) });
      return;
    case "thought":
      to.items.push({ ...base, kind: "thought", text: text(entry.text) });
      return;
    case "tool_started": {
      const paths = texts(entry.paths);
      to.items.push({
        ...base,
        id: toolId(job, entry.id),
        kind: "tool",
        tool: text(entry.tool),
        detail: text(entry.detail),
        paths,
        done: null,
      });
      if (paths.length > 0)
        to.files = [...paths.toReversed(), ...to.files.filter((file) => !paths.includes(file))];
      return;
    }
    case "tool_finished":
      finish(to, toolId(job, entry.id), {
        ok: entry.ok === true,
        detail: text(entry.detail),
        atUs: entry.at_us,
      });
      return;
    case "plan":
      to.plan = planned(entry.items);
      return;
    case "usage": {
      const usage = entry.usage as { tokens?: number; cost_microusd?: number } | undefined;
      to.usage = { tokens: usage?.tokens ?? 0, cost_microusd: usage?.cost_microusd ?? 0 };
      return;
    }
    case "agent_started":
      to.model = text(entry.model) || to.model;
      return;
    case "question": {
      const question = entry.question as { text?: unknown; options?: unknown } | undefined;
      to.items.push({
        ...base,
        kind: "asked",
        text: text(question?.text),
        options: texts(question?.options),
      });
      return;
    }
    default:
      // Whatever a newer daemon writes is shown as people read it.
      if (shown) to.items.push({ ...base, kind: "step", text: withoutName(shown) });
  }
}

const toolId = (job: string, id: unknown) => `${job}:tool:${text(id)}`;

/** Tools end in the order of their own; the last of that name is meant. */
function finish(to: Transcript, id: string, done: { ok: boolean; detail: string; atUs: number }): void {
  const at = to.items.findLastIndex((item) => item.kind === "tool" && item.id === id);
  const item = to.items[at];
  if (item?.kind === "tool") to.items[at] = { ...item, done };
}

function planned(items: unknown): PlanItem[] {
  if (!Array.isArray(items)) return [];
  return items.map((item) => ({ text: text(item?.text), status: text(item?.status) }));
}

/** Lines begin with the agent's name, which here stands above them. */
function withoutName(shown: string): string {
  return shown.replace(/^\[[^\]]*\] (?:· )?/, "");
}
