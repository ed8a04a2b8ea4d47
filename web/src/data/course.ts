// The events of one day. They are numbered, not dated, on their way here: the first one of a day is
// looked for by halves.

import { queryOptions } from "@tanstack/react-query";
import { type EventView, given } from "../api";
import { TYPES } from "../model/course";
import { client } from "./daemon";

const DAY_US = 86_400_000_000;
/** What began so long before the day is known to have begun. */
const BEFORE_US = 7 * DAY_US;
/** Events that are read of one day, and of what led to it. */
const EVENTS_MAX = 20_000;
const PAGE = 1_000;
const TODAY_MS = 5_000;

const page = (after: number, limit: number, types?: string) =>
  given(client.GET("/api/v1/events", { params: { query: { after, limit, types } } }));

/** The number behind which the events from that moment on stand. */
async function before(us: number): Promise<number> {
  let low = 0;
  let high = (await given(client.GET("/api/v1/status"))).seq;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    let seen = await page(middle, 1);
    // Of events that this person may not see, nothing is told.
    if (seen.events.length === 0) seen = await page(middle, PAGE);
    const first = seen.events[0];
    if (first ? first.at_us < us : seen.next > middle) low = first?.seq ?? seen.next;
    else high = middle;
  }
  return low;
}

/** Where days begin in the sequence: that does not change. */
const found = new Map<number, number>();
/** What was read of the day that was looked at last: only what has come since is read behind it. */
let read: { fromUs: number; events: EventView[]; after: number } | undefined;

/** The sequence is another one, as after a backup was restored. */
export function forgetDays(): void {
  found.clear();
  read = undefined;
}

export interface DayEvents {
  events: EventView[];
  /** There were more than are read. */
  cut: boolean;
}

async function eventsOf(fromUs: number): Promise<DayEvents> {
  const first = found.get(fromUs) ?? (await before(fromUs - BEFORE_US));
  found.set(fromUs, first);
  const known = read?.fromUs === fromUs ? read : undefined;
  const events = [...(known?.events ?? [])];
  for (let after = known?.after ?? first; ; ) {
    if (events.length >= EVENTS_MAX) return { events, cut: true };
    const { events: more, next } = await page(after, PAGE, TYPES);
    const of = more.filter(({ at_us }) => at_us < fromUs + DAY_US);
    // The page that ends the day is read again each time; what is before it is not.
    if (of.length < more.length) return { events: [...events, ...of], cut: false };
    events.push(...of);
    read = { fromUs, events, after: next };
    if (next === after) return { events, cut: false };
    after = next;
  }
}

/** What is needed for the course of the day that begins then (UTC). */
export const courseQuery = (fromUs: number) =>
  queryOptions({
    queryKey: ["course", fromUs],
    queryFn: () => eventsOf(fromUs),
    refetchInterval: () => (Date.now() * 1_000 < fromUs + DAY_US ? TODAY_MS : false),
  });
