// What an event makes stale, and how often that is read again: a stream of events must not become a
// stream of requests. After each reading, a pause follows that grows with how long it took.

import type { QueryClient } from "@tanstack/react-query";
import type { EventView } from "../api";
import { nameOf } from "../model/needs";
import { staleTickets } from "./queries";

/** Events that arrive within this are answered by one reading. */
const GATHER_MS = 60;
/** A pause is so many times what a reading took, so that reading is a small part of all work. */
const PAUSE_FACTOR = 6;
const PAUSE_MS_MAX = 5_000;

/** Read again whatever happened. */
const LISTS = new Set<unknown>([
  "tickets",
  "queue",
  "status",
  "projects",
  "insights",
  "plan",
  "schedules",
  "external",
]);

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

export class Freshness {
  /** Names of tickets. */
  private changed = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy = false;
  /** Something has happened since the last reading began. */
  private dirty = false;

  constructor(
    private readonly queries: QueryClient,
    private readonly now: () => number = () => performance.now(),
    private readonly hidden: () => boolean = () => globalThis.document?.hidden ?? false,
  ) {}

  /** These happened. */
  heard(events: EventView[]): void {
    for (const { project, key } of events) {
      if (project && key) this.changed.add(nameOf({ project, key }));
    }
    this.dirty = true;
    this.soon(GATHER_MS);
  }

  /** All that is known may be wrong. */
  all(): void {
    void this.queries.invalidateQueries();
  }

  private soon(ms: number): void {
    if (this.timer !== undefined || this.busy) return;
    this.timer = setTimeout(() => void this.read(), ms);
  }

  private async read(): Promise<void> {
    this.timer = undefined;
    this.busy = true;
    const changed = this.changed;
    this.changed = new Set();
    this.dirty = false;
    const began = this.now();
    const tickets = staleTickets(this.queries, changed);
    const lists = this.queries.invalidateQueries({ predicate: ({ queryKey: [kind] }) => LISTS.has(kind) });
    // The diff of a large change may take its time; the rest does not wait for it.
    await Promise.all([lists, Promise.race([tickets, wait(PAUSE_MS_MAX)])]);
    // A page that nobody sees need not be more than about right.
    const pause = this.hidden() ? PAUSE_MS_MAX : Math.min((this.now() - began) * PAUSE_FACTOR, PAUSE_MS_MAX);
    await wait(pause);
    this.busy = false;
    // What came meanwhile is not in what was read.
    if (this.dirty) this.soon(0);
  }
}
