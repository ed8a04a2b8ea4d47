// One connection for all that is live: a WebSocket, or long polls where there is none.
//
//   connecting ─▶ live ◀──────────┐
//       │          │ lost         │ the daemon answers again: resumed behind the last number
//       ├────▶ polling ─▶ lost ───┘
//       └────▶ ended: the session is worth nothing any more
//
// Readers keep their own place (see cursor.ts): what a connection says about resuming is never
// believed over what was really read.

import { EventCursor, JournalCursor } from "./cursor";
import { Poller } from "./poller";
import type { EventView, JournalLine, Status, TicketRef } from "./types";

export type Phase = "connecting" | "live" | "polling" | "lost" | "ended";

export interface LiveState {
  phase: Phase;
  /** Since when, in milliseconds. */
  since: number;
  /** Why it was lost or has ended. */
  why?: string;
}

/** What of a WebSocket is used. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: never) => void) | null;
}

export interface LiveOptions {
  /** Where the daemon is; the page's own origin when absent. */
  baseUrl?: string;
  fetch?: typeof fetch;
  /** Opens a WebSocket; null where there is none. */
  socket?: ((url: string) => Socket) | null;
  headers?: Record<string, string>;
}

export interface EventsFilter {
  /** Begin behind this number; at now when absent. */
  after?: number;
  project?: string;
  key?: string;
  types?: string[];
}

export interface EventsReader {
  /** Reading begins behind this number: what is asked for from now on is not older. */
  onBegin?(seq: number): void;
  onEvents(events: EventView[]): void;
  /** The sequence counts from an earlier number on, as after a backup was restored: read all anew. */
  onReset?(): void;
}

export interface JournalReader {
  onLines(lines: JournalLine[], job: string | undefined): void;
  /** The job has ended; another one may begin. */
  onEnd?(): void;
}

/** A subscription, with its place. */
export type Reader =
  | { kind: "events"; id: string; filter: EventsFilter; cursor: EventCursor | null; to: EventsReader }
  | { kind: "journal"; id: string; ticket: TicketRef; cursor: JournalCursor; to: JournalReader };

const RETRY_MS = 500;
const RETRY_MS_MAX = 5_000;
/** How long a connection may say nothing before it is asked whether it is still there. */
const SILENCE_MS = 20_000;
/** Between two looks for a journal that has not begun. */
const AGAIN_MS = 1_000;
/** How long a handshake may take. */
const OPENING_MS = 5_000;
/** After this long a daemon without a WebSocket is asked for one again. */
const SOCKET_AGAIN_MS = 60_000;

export class Live {
  state: LiveState = { phase: "connecting", since: Date.now() };
  private readers = new Map<string, Reader>();
  private watchers = new Set<(state: LiveState) => void>();
  private socket: Socket | null = null;
  private poller: Poller;
  private numbered = 0;
  private failures = 0;
  private seq: number | null = null;
  private noSocketUntil = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private heard = 0;
  private stopped = true;

  constructor(private readonly options: LiveOptions = {}) {
    this.poller = new Poller(
      (path, signal) => this.get(path, signal),
      (why) => this.lose(why),
    );
  }

  /** Connects, and stays connected until `stop`. */
  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    void this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.disconnect();
  }

  /** Tells of each change of state, the present one first. */
  watch(watcher: (state: LiveState) => void): () => void {
    this.watchers.add(watcher);
    watcher(this.state);
    return () => this.watchers.delete(watcher);
  }

  /** Reads events until the function that is returned is called. */
  events(filter: EventsFilter, to: EventsReader): () => void {
    const after = filter.after ?? this.seq;
    const cursor = after === null ? null : new EventCursor(after);
    if (cursor) to.onBegin?.(cursor.after);
    return this.read({ kind: "events", id: this.name("e"), filter, cursor, to });
  }

  /** Reads what a ticket's jobs do, from job to job. */
  journal(ticket: TicketRef, to: JournalReader, job?: string): () => void {
    return this.read({ kind: "journal", id: this.name("j"), ticket, cursor: new JournalCursor(job), to });
  }

  /** Something else found the daemon silent: look at once. */
  doubt(): void {
    if (this.state.phase === "live" || this.state.phase === "polling") void this.probe();
  }

  /** Tries at once, where it waits to try again. */
  now(): void {
    if (this.state.phase !== "lost") return;
    clearTimeout(this.timer);
    void this.connect();
  }

  private name(prefix: string): string {
    this.numbered += 1;
    return `${prefix}${this.numbered}`;
  }

  private read(reader: Reader): () => void {
    this.readers.set(reader.id, reader);
    if (this.state.phase === "live") this.subscribe(reader);
    if (this.state.phase === "polling") this.poller.begin(reader);
    return () => {
      this.readers.delete(reader.id);
      this.poller.end(reader.id);
      if (this.state.phase === "live") this.send({ op: "unsubscribe", id: reader.id });
    };
  }

  private turn(phase: Phase, why?: string): void {
    if (this.state.phase === phase && this.state.why === why) return;
    // A loss is as old as its first sign.
    const since = this.state.phase === phase ? this.state.since : Date.now();
    this.state = why === undefined ? { phase, since } : { phase, since, why };
    for (const watcher of this.watchers) watcher(this.state);
  }

  /** Looks for the daemon, and for what it offers. */
  private async connect(): Promise<void> {
    const status = await this.status();
    if (!status || this.stopped) return;
    this.place(status.seq);
    if (this.options.socket === null || Date.now() < this.noSocketUntil) this.poll();
    else this.open();
  }

  private async status(): Promise<Status | null> {
    try {
      return (await this.get("/api/v1/status")) as Status;
    } catch (error) {
      if (!this.stopped) this.lose(error);
      return null;
    }
  }

  /** Gives readers their place; one ahead of the daemon has seen what is no more. */
  private place(seq: number): void {
    this.seq = seq;
    for (const reader of this.readers.values()) {
      if (reader.kind !== "events") continue;
      if (reader.cursor === null) {
        reader.cursor = new EventCursor(seq);
        reader.to.onBegin?.(seq);
      } else if (reader.cursor.after > seq) {
        reader.cursor.after = seq;
        reader.to.onReset?.();
      }
    }
  }

  private open(): void {
    const url = new URL("/api/v1/ws", this.base().replace(/^http/, "ws"));
    const make = this.options.socket ?? ((to: string) => new WebSocket(to) as Socket);
    const socket = make(url.href);
    let opened = false;
    this.socket = socket;
    this.timer = setTimeout(() => socket.close(), OPENING_MS);
    socket.onopen = () => {
      opened = true;
      clearTimeout(this.timer);
      this.failures = 0;
      this.turn("live");
      for (const reader of this.readers.values()) this.subscribe(reader);
      this.listen();
    };
    socket.onmessage = (message) => this.hear(String(message.data));
    socket.onclose = () => {
      if (this.socket !== socket || this.stopped) return;
      this.socket = null;
      clearTimeout(this.timer);
      if (opened) {
        this.lose("the connection was closed");
      } else {
        // The daemon answers, and has no socket for us: it is an older one, or a proxy is between.
        this.noSocketUntil = Date.now() + SOCKET_AGAIN_MS;
        this.poll();
      }
    };
  }

  private poll(): void {
    this.failures = 0;
    this.turn("polling");
    for (const reader of this.readers.values()) this.poller.begin(reader);
  }

  private subscribe(reader: Reader): void {
    if (reader.kind === "events") {
      const { project, key, types } = reader.filter;
      const after = reader.cursor?.after;
      this.send({
        op: "subscribe",
        id: reader.id,
        stream: "events",
        after,
        project,
        key,
        types: types?.join(","),
      });
    } else {
      const { job, from } = reader.cursor;
      this.send({ op: "subscribe", id: reader.id, stream: "journal", ...reader.ticket, job, from });
    }
  }

  private send(message: object): void {
    this.socket?.send(JSON.stringify(message));
  }

  private hear(text: string): void {
    this.heard = Date.now();
    const said = JSON.parse(text) as Said;
    const reader = said.id === undefined ? undefined : this.readers.get(said.id);
    if (!reader) return;
    if (said.end) {
      this.ended(reader, said.end);
      return;
    }
    if (reader.kind === "events") {
      if (said.event && reader.cursor) deliver(reader, reader.cursor.take([said.event]));
      return;
    }
    if (said.problem) this.again(reader);
    if (said.job) reader.cursor.begin(said.job.job);
    if (said.line) this.line(reader, said.line);
  }

  private line(reader: Extract<Reader, { kind: "journal" }>, line: LineOf): void {
    const { cursor, to } = reader;
    cursor.begin(line.job);
    const fresh = cursor.take([line]);
    cursor.reached(line.next);
    if (fresh.length > 0) to.onLines(fresh, cursor.job);
  }

  /** A journal that has not begun is asked for again. */
  private again(reader: Reader): void {
    setTimeout(() => {
      if (this.state.phase === "live" && this.readers.has(reader.id)) this.subscribe(reader);
    }, AGAIN_MS);
  }

  private ended(reader: Reader, end: { reason?: string; resume?: number }): void {
    if (end.reason === "revoked") this.finish("this session was revoked");
    else if (end.reason === "slow") this.subscribe(reader);
    else if (end.reason === "closing") this.lose("the daemon is ending");
    else if (end.reason === "ahead") this.rewind(reader, end.resume ?? 0);
    else if (end.reason === "failed") this.again(reader);
    else if (reader.kind === "journal") reader.to.onEnd?.();
  }

  /** What was read is no more, as after a backup was restored. */
  private rewind(reader: Reader, resume: number): void {
    if (reader.kind !== "events" || !reader.cursor) return;
    reader.cursor.after = resume;
    reader.to.onReset?.();
    this.subscribe(reader);
  }

  /** Asks whether the daemon is there when it has said nothing for a while. */
  private listen(): void {
    this.heard = Date.now();
    const look = async () => {
      if (Date.now() - this.heard >= SILENCE_MS) await this.probe();
      if (this.state.phase === "live") this.timer = setTimeout(look, SILENCE_MS);
    };
    this.timer = setTimeout(look, SILENCE_MS);
  }

  private async probe(): Promise<void> {
    if (await this.status()) this.heard = Date.now();
  }

  private lose(why: unknown): void {
    if (this.stopped || this.state.phase === "ended") return;
    if (why instanceof Unauthorized) {
      this.finish("this session is not known, or is over");
      return;
    }
    this.disconnect();
    this.turn("lost", why instanceof Error ? why.message : String(why));
    const wait = Math.min(RETRY_MS * 2 ** this.failures, RETRY_MS_MAX);
    this.failures += 1;
    this.timer = setTimeout(() => void this.connect(), wait);
  }

  private finish(why: string): void {
    this.disconnect();
    this.stopped = true;
    this.turn("ended", why);
  }

  private disconnect(): void {
    clearTimeout(this.timer);
    this.poller.stop();
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private base(): string {
    return this.options.baseUrl ?? globalThis.location.origin;
  }

  private async get(path: string, signal?: AbortSignal): Promise<unknown> {
    const ask = this.options.fetch ?? fetch;
    const request: RequestInit = { headers: { accept: "application/json", ...this.options.headers } };
    if (signal) request.signal = signal;
    const response = await ask(new URL(path, this.base()).href, request);
    if (response.status === 401) throw new Unauthorized("unauthorized");
    if (!response.ok) throw new NotGiven(response.status);
    return response.json();
  }
}

/** What the daemon says over the socket. */
interface Said {
  id?: string;
  event?: EventView;
  line?: LineOf;
  /** The job whose journal comes next. */
  job?: { job: string };
  /** What was asked cannot be done. */
  problem?: { code: string };
  end?: { reason?: string; resume?: number };
}

/** A line with the job it is of, and the byte behind it. */
interface LineOf extends JournalLine {
  job: string;
  next: number;
}

class Unauthorized extends Error {}

/** The daemon answered with something else. */
export class NotGiven extends Error {
  constructor(readonly status: number) {
    super(`the daemon answered with ${status}`);
  }
}

function deliver(reader: Extract<Reader, { kind: "events" }>, events: EventView[]): void {
  if (events.length > 0) reader.to.onEvents(events);
}
