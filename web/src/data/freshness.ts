// What an event makes stale, and how often that is read again: a stream of events must not become a
// stream of requests. After each reading, a pause follows that grows with how long it took.

import type { QueryClient } from "@tanstack/react-query";
import type { EventView, TicketRef } from "../api";
import { nameOf } from "../model/needs";
import { staleTicket } from "./queries";

/** Events that arrive within this are answered by one reading. */
const GATHER_MS = 60;
/** A pause is so many times what a reading took, so that reading is a small part of all work. */
const PAUSE_FACTOR = 6;
const PAUSE_MS_MAX = 5_000;

/** Read again whatever happened. */
const LISTS = [["tickets"], ["queue"], ["status"], ["projects"], ["insights"], ["plan"], ["schedules"]];

export class Freshness {
  private changed = new Map<string, TicketRef>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busy = false;
  /** Something has happened since the last reading began. */
  private dirty = false;

  constructor(
    private readonly queries: QueryClient,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** These happened. */
  heard(events: EventView[]): void {
    for (const { project, key } of events) {
      if (project && key) this.changed.set(nameOf({ project, key }), { project, key });
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
    const changed = [...this.changed.values()];
    this.changed.clear();
    this.dirty = false;
    const began = this.now();
    for (const ticket of changed) staleTicket(this.queries, ticket);
    await Promise.all(LISTS.map((queryKey) => this.queries.invalidateQueries({ queryKey })));
    const pause = Math.min((this.now() - began) * PAUSE_FACTOR, PAUSE_MS_MAX);
    setTimeout(() => {
      this.busy = false;
      // What came meanwhile is not in what was read.
      if (this.dirty) this.soon(0);
    }, pause);
  }
}
