// The merge lane of a project: when an entry has probably landed, what it waits for, and whether it can be
// made the next one. The order is the daemon's: by priority, then by who has waited longer.

import type { ProjectInsights, QueueEntry, TicketView } from "../api";
import { clock } from "./amount";
import { plain } from "./plain";
import { priorityRank } from "./states";

const MIN = 60_000;
const H = 60 * MIN;
const D = 24 * H;

/** A duration nobody can know exactly, such as `about 4 min`. */
export function roughly(ms: number): string {
  if (ms < MIN) return "less than a minute";
  const [of, word] = ms < 1.5 * H ? [MIN, "min"] : ms < 2 * D ? [H, "h"] : [D, "d"];
  const n = ms / of;
  // Of more than twenty, the last digit would be a promise.
  return `about ${n > 20 ? Math.round(n / 5) * 5 : Math.round(n)} ${word}`;
}

/** How long landings take, as far as any were counted. */
export interface Usual {
  ms: number;
  count: number;
}

/**
 * From leave to the landing. The daemon knows in which bucket half of them lie, and the mean: the median is
 * at most the first, and mostly below the second, since a few take very long.
 */
export function usual(figures: Pick<ProjectInsights, "to_merge"> | undefined): Usual | null {
  const { count = 0, half_ms, mean_ms } = figures?.to_merge ?? {};
  const known = [half_ms, mean_ms].filter((ms) => ms != null);
  return count > 0 && known.length > 0 ? { ms: Math.min(...known), count } : null;
}

/** One project's lane, as it stands. */
export interface Lane {
  /** In landing order. */
  entries: QueueEntry[];
  /** By key. */
  tickets: Map<string, TicketView>;
  /** `local` is one after another; of branches each goes by itself. */
  landing: string;
  paused: boolean;
  usual: Usual | null;
}

const isInside = ({ state }: QueueEntry) => state === "landing";

/** The one in the lane, and whether it stands still there. */
function inside({ entries, tickets }: Lane) {
  const entry = entries.find(isInside);
  const ticket = entry && tickets.get(entry.key);
  return { entry, since_us: ticket?.since_us ?? entry?.since_us ?? 0, still: ticket?.wait.for === "clock" };
}

/** When it has probably landed. */
export function due(lane: Lane, entry: QueueEntry, nowMs: number): string {
  const ahead = inside(lane);
  if (lane.paused && !isInside(entry)) return "not while the project is paused";
  if (ahead.still && lane.landing === "local")
    return isInside(entry) ? "as soon as nothing is in its way" : `not before ${ahead.entry?.key} has`;
  if (!lane.usual) return "no landing yet to judge by";
  const local = lane.landing === "local";
  const beganUs = local ? ahead.since_us : entry.since_us;
  const spent = !local || ahead.entry ? Math.max(0, nowMs - beganUs / 1_000) : 0;
  const left = Math.max(0, lane.usual.ms - spent);
  const at = local ? lane.entries.indexOf(entry) : 0;
  if (at === 0 && left === 0) return "later than usual";
  return `in ${roughly(left + at * lane.usual.ms)}`;
}

/** By what that was said. */
export function judgedBy({ usual: known, landing }: Lane): string {
  if (!known) return "Nothing has landed yet.";
  const of = known.count === 1 ? "the one landing so far" : `${known.count} landings so far`;
  const each = landing === "local" ? ", for each one before it and for itself" : "";
  return `From leave to landing: ${roughly(known.ms)} by ${of}${each}.`;
}

/** What it waits for, in words. */
export function waitsFor(lane: Lane, entry: QueueEntry): string {
  const wait = lane.tickets.get(entry.key)?.wait;
  const text = plain(wait?.text ?? "");
  if (isInside(entry) || wait?.for !== "lane") {
    if (!text) return "";
    if (isInside(entry) && wait?.for === "job") return "is built as merged, and measured";
    if (wait?.for !== "clock") return `waits for ${text}`;
    return wait.until_us ? `${text}; tried again at ${clock(wait.until_us).slice(0, 5)}` : text;
  }
  const before = lane.entries[lane.entries.indexOf(entry) - 1];
  if (!before) return "waits for its turn, which is now";
  if (!isInside(before)) return `waits for ${before.key}, which is before it`;
  const { still } = inside(lane);
  return `waits for ${before.key}, which ${still ? "cannot land as things are" : "is being landed"}`;
}

/** Whether it can be made the next one, and what that does or why not. */
export interface Jump {
  may: boolean;
  why: string;
}

const URGENT = "critical";

export function jump(lane: Lane, entry: QueueEntry): Jump {
  const waiting = lane.entries.filter((each) => !isInside(each));
  const before = waiting.slice(0, Math.max(0, waiting.indexOf(entry)));
  if (isInside(entry)) return { may: false, why: "It is in the lane." };
  if (lane.landing !== "local") return { may: false, why: "Branches do not wait for one another." };
  if (before.length === 0) return { may: false, why: "It is the next one already." };
  const priority = (each: QueueEntry) => lane.tickets.get(each.key)?.priority ?? "";
  if (priorityRank(priority(entry)) === 0)
    return { may: false, why: "It is critical, and those before it are too: they have waited longer." };
  const longer = before.filter(
    (each) => priorityRank(priority(each)) === 0 && each.since_us <= entry.since_us,
  );
  const last = longer.at(-1);
  const place = last ? `comes after ${last.key}, which is too and has waited longer` : "is the next one";
  return { may: true, why: `Raise its priority to ${URGENT}: it ${place}.` };
}
