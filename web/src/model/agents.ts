// Who works: what each agent did and cost, what it committed last, and what external sessions are at.

import type { AgentInsights, ExternalView, HonestyView, TicketDetail } from "../api";
import { count } from "./amount";

/** The commit that a ticket's attempts left last, and when that was kept. */
export function lastCommit(detail: Pick<TicketDetail, "attempts"> | undefined) {
  const left = detail?.attempts.findLast(({ commit }) => commit);
  return left?.commit ? { commit: left.commit, atUs: left.ended_us ?? null } : null;
}

export interface Went {
  agent: string;
  kind: string;
  model: string;
  /** What became of its claims; nothing where no work of it was verified. */
  honesty: HonestyView | null;
  /** What it spent; told once for all models of one definition and kind. */
  spent: AgentInsights | null;
  /** How many models have a part in that. */
  models: number;
}

/** What each definition did, by kind and model, beside what it cost: money is counted by definition and kind. */
export function went(honesty: HonestyView[], spent: AgentInsights[]): Went[] {
  const isOf = (a: { agent: string; kind: string }, b: { agent: string; kind: string }) =>
    a.agent === b.agent && a.kind === b.kind;
  const told = honesty.map((row, at): Went => {
    const first = honesty.findIndex((each) => isOf(each, row)) === at;
    return {
      agent: row.agent,
      kind: row.kind,
      model: row.model ?? "",
      honesty: row,
      spent: (first && spent.find((each) => isOf(each, row))) || null,
      models: honesty.filter((each) => isOf(each, row)).length,
    };
  });
  const others = spent
    .filter((each) => !honesty.some((row) => isOf(row, each)))
    .map((each): Went => ({ ...each, model: "", honesty: null, spent: each, models: 0 }));
  return [...told, ...others];
}

/** What an attempt has cost on average, in millionths of a US dollar. */
export const perAttempt = ({ cost_microusd, attempts }: AgentInsights): number | null =>
  attempts > 0 && cost_microusd > 0 ? cost_microusd / attempts : null;

const AT: Record<string, string> = {
  assigned: "works on it",
  submitted: "has handed it in",
  ending: "is told to leave it",
};

/** What a session is at with one of its tickets. */
export const isAt = (state: string) => AT[state] ?? state;

/** How many tickets a session has, of how many at once. */
export const taken = ({ assignments, max_concurrent_issues }: ExternalView) =>
  assignments.length === 0
    ? `free for ${count(max_concurrent_issues, "ticket")}`
    : `${assignments.length} of ${count(max_concurrent_issues, "ticket")}`;

/** Silence after which a session is given up, such as `60 s`. */
export const silence = (ms: number) =>
  ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
