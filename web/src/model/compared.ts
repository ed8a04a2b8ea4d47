// Which change is reviewed: of which attempt, from where on, and whether blanks count. It stands in the
// address, so that it can be sent on.

import type { AttemptView, Diff } from "../api";

export interface Compared {
  /** The end of a job's name, such as `a3`; absent for the last attempt that left a commit. */
  attempt?: string | undefined;
  /** An earlier attempt, by the same name; absent for all that the attempt changed. */
  since?: string | undefined;
  /** Whether lines differ that differ in blanks alone. */
  blanks: boolean;
}

/** The end of a job's name: what attempts are called within their ticket. */
export const tailOf = (job: string) => job.slice(job.lastIndexOf(".") + 1);

/** What an address asks for. `last` is the last attempt that left a commit: it need not be named. */
export function readCompared(asked: URLSearchParams, last: string): Compared {
  const attempt = asked.get("attempt") || undefined;
  return {
    attempt: attempt === tailOf(last) ? undefined : attempt,
    since: asked.get("since") || undefined,
    blanks: asked.get("blanks") !== "off",
  };
}

/** The address's part that asks for it; what it says of other things stays. */
export function writeCompared(asked: URLSearchParams, { attempt, since, blanks }: Compared): URLSearchParams {
  const next = new URLSearchParams(asked);
  for (const [name, value] of [
    ["attempt", attempt],
    ["since", since],
    ["blanks", blanks ? undefined : "off"],
  ] as const) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}

/** Everything that the last attempt changed: what is approved, and what files are marked in. */
export const isWhole = ({ attempt, since, blanks }: Compared) => !attempt && !since && blanks;

/** Attempts that left a commit, and those of them that came before the one that is shown. */
export function comparable(attempts: AttemptView[], { attempt }: Compared, last: string) {
  const left = attempts.filter(({ commit }) => commit);
  const shown = attempt ?? tailOf(last);
  const at = left.findIndex(({ job }) => tailOf(job) === shown);
  return { left, earlier: at < 0 ? [] : left.slice(0, at) };
}

/**
 * Whose lines may be remarked on. Remarks tell the next attempt where in the last one's commit; what an
 * earlier attempt left is nothing that it would find.
 */
export function remarkedOn(shown: Diff, whole: Diff): "both" | "new" | "none" {
  if (shown.commit !== whole.commit) return "none";
  return shown.since || shown.base !== whole.base ? "new" : "both";
}
