// Where a reader is, so that it misses nothing and reads nothing twice, whatever the connection does.

import type { EventView, JournalLine } from "./types";

/** A place in the sequence of events. */
export class EventCursor {
  /** Everything up to this number has been read. */
  constructor(public after: number) {}

  /** Those that are new, in sequence; the place moves behind them. */
  take(events: EventView[]): EventView[] {
    const fresh: EventView[] = [];
    for (const event of events) {
      if (event.seq <= this.after) continue;
      fresh.push(event);
      this.after = event.seq;
    }
    return fresh;
  }

  /** Nothing that matched came before this number. */
  skip(next: number): void {
    this.after = Math.max(this.after, next);
  }
}

/** A place in the journals of a ticket, from job to job. */
export class JournalCursor {
  job: string | undefined;
  /** The byte to read on from. */
  from = 0;
  /** The number of the last line that was read. */
  private n = 0;

  constructor(job?: string) {
    this.job = job;
  }

  /** Another job has begun. */
  begin(job: string): void {
    if (job === this.job) return;
    this.job = job;
    this.from = 0;
    this.n = 0;
  }

  /** The new ones among these; lines have numbers, so that a repeat is recognised. */
  take(lines: JournalLine[]): JournalLine[] {
    const fresh: JournalLine[] = [];
    for (const line of lines) {
      if (line.entry.kind === "opened" && typeof line.entry.job === "string") this.begin(line.entry.job);
      if (line.entry.n <= this.n) continue;
      this.n = line.entry.n;
      fresh.push(line);
    }
    return fresh;
  }

  /** Everything before this byte has been read. */
  reached(next: number): void {
    this.from = Math.max(this.from, next);
  }
}
