// Long polls, one for each reader: what is live where there is no WebSocket.

import { EventCursor } from "./cursor";
import { NotGiven, type Reader } from "./live";
import type { Events, JournalLine, JournalPage } from "./types";

/** How long one request waits for news. */
const WAIT_MS = 25_000;
/** Between two looks for a journal that has not begun, or whose job has ended. */
const PAUSE_MS = 1_000;

type Get = (path: string, signal: AbortSignal) => Promise<unknown>;

export class Poller {
  private running = new Map<string, AbortController>();

  constructor(
    private readonly get: Get,
    private readonly lost: (why: unknown) => void,
  ) {}

  begin(reader: Reader): void {
    this.end(reader.id);
    const control = new AbortController();
    this.running.set(reader.id, control);
    const reading =
      reader.kind === "events" ? this.events(reader, control.signal) : this.journal(reader, control.signal);
    reading.catch((error: unknown) => {
      if (!control.signal.aborted) this.lost(error);
    });
  }

  end(id: string): void {
    this.running.get(id)?.abort();
    this.running.delete(id);
  }

  stop(): void {
    for (const control of this.running.values()) control.abort();
    this.running.clear();
  }

  private async events(reader: Extract<Reader, { kind: "events" }>, signal: AbortSignal): Promise<void> {
    const { project, key, types } = reader.filter;
    while (!signal.aborted) {
      reader.cursor ??= new EventCursor(0);
      const { cursor } = reader;
      const query = asked({ after: cursor.after, wait_ms: WAIT_MS, project, key });
      const page = (await this.get(`/api/v1/events?${query}`, signal)) as Events;
      if (signal.aborted) return;
      const fresh = cursor.take(page.events).filter((event) => !types || types.includes(event.type));
      cursor.skip(page.next);
      if (fresh.length > 0) reader.to.onEvents(fresh);
    }
  }

  private async journal(reader: Extract<Reader, { kind: "journal" }>, signal: AbortSignal): Promise<void> {
    const { ticket, cursor } = reader;
    const path = `/api/v1/projects/${encodeURIComponent(ticket.project)}/tickets/${encodeURIComponent(ticket.key)}/journal`;
    let told = false;
    while (!signal.aborted) {
      const query = asked({ job: cursor.job, from: cursor.from, wait_ms: WAIT_MS });
      const page = await this.page(`${path}?${query}`, signal);
      if (signal.aborted) return;
      if (!page) {
        await pause(PAUSE_MS, signal);
        continue;
      }
      cursor.begin(page.job);
      const fresh = cursor.take(page.lines as JournalLine[]);
      cursor.from = page.next;
      if (fresh.length > 0) reader.to.onLines(fresh, cursor.job);
      if (!page.ended) {
        told = false;
        continue;
      }
      if (page.later) {
        cursor.begin(page.later);
        continue;
      }
      if (!told) reader.to.onEnd?.();
      told = true;
      await pause(PAUSE_MS, signal);
    }
  }

  /** Nothing where the journal has not begun. */
  private async page(path: string, signal: AbortSignal): Promise<JournalPage | null> {
    try {
      return (await this.get(path, signal)) as JournalPage;
    } catch (error) {
      if (error instanceof NotGiven && error.status === 404) return null;
      throw error;
    }
  }
}

function asked(fields: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.set(name, String(value));
  return query.toString();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });
}
