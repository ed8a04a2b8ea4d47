import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EventCursor, JournalCursor } from "./cursor";
import { Live, type LiveOptions, type Socket } from "./live";
import type { EventView, JournalLine } from "./types";

const event = (seq: number): EventView => ({
  seq,
  at_us: seq,
  actor: "gangline",
  type: "opened",
  text: `${seq}`,
});
const line = (n: number, more = {}): JournalLine => ({
  text: `${n}`,
  entry: { kind: "message", n, at_us: n, ...more },
});
const settled = () => vi.advanceTimersByTimeAsync(0);

/** A daemon that is played: what it answers, and the sockets that were opened. */
class Daemon {
  seq = 10;
  up = true;
  sockets = true;
  revoked = false;
  opened: Played[] = [];
  asked: string[] = [];
  /** Answers to long polls, given one by one. */
  pages: object[] = [];

  options(): LiveOptions {
    return {
      baseUrl: "http://daemon",
      fetch: (async (url: string, init: RequestInit) => this.answer(String(url), init)) as typeof fetch,
      socket: (url) => {
        const socket = new Played(url);
        this.opened.push(socket);
        setTimeout(() => (this.up && this.sockets ? socket.onopen?.(undefined as never) : socket.drop()), 0);
        return socket;
      },
    };
  }

  private answer(url: string, init: RequestInit): Promise<Response> | Response {
    if (!this.up) throw new TypeError("refused");
    if (this.revoked) return new Response("{}", { status: 401 });
    if (url.endsWith("/status")) return Response.json({ seq: this.seq });
    this.asked.push(url.replace("http://daemon/api/v1", ""));
    const page = this.pages.shift();
    if (page) return Response.json(page);
    return new Promise((_, fail) => init.signal?.addEventListener("abort", () => fail(new Error("aborted"))));
  }

  get socket(): Played {
    return this.opened.at(-1) as Played;
  }
}

class Played implements Socket {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  sent: Record<string, unknown>[] = [];

  constructor(readonly url: string) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.drop();
  }

  drop(): void {
    this.onclose?.(undefined as never);
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let daemon: Daemon;
let live: Live;
const seen: number[] = [];

const listen = (more = {}) => {
  live = new Live(daemon.options());
  const stop = live.events({}, { onEvents: (events) => seen.push(...events.map((e) => e.seq)), ...more });
  live.start();
  return stop;
};

beforeEach(() => {
  vi.useFakeTimers();
  daemon = new Daemon();
  seen.length = 0;
});

afterEach(() => {
  live?.stop();
  vi.useRealTimers();
});

describe("over a socket", () => {
  it("begins behind the number that the daemon tells", async () => {
    const began: number[] = [];
    listen({ onBegin: (seq: number) => began.push(seq) });
    await vi.advanceTimersByTimeAsync(1);
    expect(live.state.phase).toBe("live");
    expect(daemon.socket.url).toBe("ws://daemon/api/v1/ws");
    expect(daemon.socket.sent).toEqual([{ op: "subscribe", id: "e1", stream: "events", after: 10 }]);
    expect(began).toEqual([10]);
  });

  it("resumes behind the last event that was read, without a gap or a duplicate", async () => {
    listen();
    await vi.advanceTimersByTimeAsync(1);
    for (const seq of [11, 12]) daemon.socket.say({ id: "e1", event: event(seq) });
    daemon.seq = 15;
    daemon.socket.drop();
    expect(live.state.phase).toBe("lost");
    await vi.advanceTimersByTimeAsync(600);
    expect(live.state.phase).toBe("live");
    expect(daemon.socket.sent[0]).toMatchObject({ after: 12 });
    // What is told once more is not told on.
    for (const seq of [12, 13, 14, 14, 15]) daemon.socket.say({ id: "e1", event: event(seq) });
    expect(seen).toEqual([11, 12, 13, 14, 15]);
  });

  it("waits ever longer for a daemon that is away, and shows since when", async () => {
    listen();
    await vi.advanceTimersByTimeAsync(1);
    daemon.up = false;
    daemon.socket.drop();
    const since = live.state.since;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(live.state).toMatchObject({ phase: "lost", since });
    daemon.up = true;
    await vi.advanceTimersByTimeAsync(5_001);
    expect(live.state.phase).toBe("live");
    expect(daemon.opened).toHaveLength(2);
  });

  it("subscribes again behind what it read when it was too slow, whatever it is told to resume at", async () => {
    listen();
    await vi.advanceTimersByTimeAsync(1);
    daemon.socket.say({ id: "e1", event: event(11) });
    daemon.socket.say({ id: "e1", end: { reason: "slow", resume: 40 } });
    expect(daemon.socket.sent[1]).toMatchObject({ op: "subscribe", id: "e1", after: 11 });
    expect(live.state.phase).toBe("live");
  });

  it("comes back after the daemon said that it is ending", async () => {
    listen();
    await vi.advanceTimersByTimeAsync(1);
    daemon.socket.say({ id: "e1", end: { reason: "closing", resume: 10 } });
    expect(live.state).toMatchObject({ phase: "lost", why: "the daemon is ending" });
    await vi.advanceTimersByTimeAsync(600);
    expect(live.state.phase).toBe("live");
  });

  it("does not come back after its session was revoked", async () => {
    listen();
    await vi.advanceTimersByTimeAsync(1);
    daemon.socket.say({ id: "e1", end: { reason: "revoked", resume: 10 } });
    expect(live.state.phase).toBe("ended");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(daemon.opened).toHaveLength(1);
  });

  it("reads all anew when the daemon counts from an earlier number on", async () => {
    const reset = vi.fn();
    listen({ onReset: reset });
    await vi.advanceTimersByTimeAsync(1);
    daemon.socket.say({ id: "e1", event: event(20) });
    daemon.seq = 5;
    daemon.socket.drop();
    await vi.advanceTimersByTimeAsync(600);
    expect(reset).toHaveBeenCalledOnce();
    expect(daemon.socket.sent[0]).toMatchObject({ after: 5 });
  });

  it("reads all anew when it is told that it is ahead", async () => {
    const reset = vi.fn();
    listen({ onReset: reset });
    await vi.advanceTimersByTimeAsync(1);
    daemon.socket.say({ id: "e1", end: { reason: "ahead", resume: 4 } });
    expect(reset).toHaveBeenCalledOnce();
    expect(daemon.socket.sent[1]).toMatchObject({ op: "subscribe", after: 4 });
  });

  it("finds out that a silent connection is dead", async () => {
    listen();
    await vi.advanceTimersByTimeAsync(1);
    daemon.up = false;
    await vi.advanceTimersByTimeAsync(21_000);
    expect(live.state.phase).toBe("lost");
  });

  it("tells the daemon what is not read any more", async () => {
    const stop = listen();
    await vi.advanceTimersByTimeAsync(1);
    stop();
    expect(daemon.socket.sent.at(-1)).toEqual({ op: "unsubscribe", id: "e1" });
  });

  it("follows a journal from job to job, and repeats no line of it after a loss", async () => {
    const lines: string[] = [];
    live = new Live(daemon.options());
    live.journal(
      { project: "shop", key: "SHOP-1" },
      { onLines: (all, job) => lines.push(...all.map((l) => `${job} ${l.text}`)) },
    );
    live.start();
    await vi.advanceTimersByTimeAsync(1);
    const told = (job: string, n: number, next: number) =>
      daemon.socket.say({ id: "j1", line: { job, next, ...line(n) } });
    daemon.socket.say({ id: "j1", problem: { code: "no_such_journal" } });
    await vi.advanceTimersByTimeAsync(1_001);
    expect(daemon.socket.sent).toHaveLength(2);
    daemon.socket.say({ id: "j1", job: { job: "shop.SHOP-1.a1" } });
    told("shop.SHOP-1.a1", 1, 40);
    told("shop.SHOP-1.a1", 2, 80);
    daemon.socket.drop();
    await vi.advanceTimersByTimeAsync(600);
    expect(daemon.socket.sent[0]).toMatchObject({ stream: "journal", job: "shop.SHOP-1.a1", from: 80 });
    told("shop.SHOP-1.a1", 2, 80);
    told("shop.SHOP-1.a1", 3, 120);
    told("shop.SHOP-1.a2", 1, 40);
    expect(lines).toEqual(["shop.SHOP-1.a1 1", "shop.SHOP-1.a1 2", "shop.SHOP-1.a1 3", "shop.SHOP-1.a2 1"]);
  });
});

describe("where there is no socket", () => {
  beforeEach(() => {
    daemon.sockets = false;
  });

  it("polls, and goes on from where it is", async () => {
    daemon.pages = [
      { events: [event(11), event(12)], next: 12 },
      { events: [], next: 30 },
    ];
    listen();
    await vi.advanceTimersByTimeAsync(5);
    expect(live.state.phase).toBe("polling");
    expect(seen).toEqual([11, 12]);
    expect(daemon.asked).toEqual([
      "/events?after=10&wait_ms=25000",
      "/events?after=12&wait_ms=25000",
      "/events?after=30&wait_ms=25000",
    ]);
  });

  it("resumes after the daemon was away", async () => {
    daemon.pages = [{ events: [event(11)], next: 11 }];
    listen();
    await vi.advanceTimersByTimeAsync(5);
    daemon.up = false;
    live.doubt();
    await settled();
    expect(live.state.phase).toBe("lost");
    daemon.up = true;
    daemon.seq = 12;
    daemon.pages = [{ events: [event(12)], next: 12 }];
    await vi.advanceTimersByTimeAsync(600);
    expect(live.state.phase).toBe("polling");
    expect(seen).toEqual([11, 12]);
  });

  it("looks for a socket again later", async () => {
    listen();
    await vi.advanceTimersByTimeAsync(5);
    daemon.sockets = true;
    await vi.advanceTimersByTimeAsync(61_000);
    live.doubt();
    daemon.up = false;
    await settled();
    live.doubt();
    await settled();
    daemon.up = true;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(live.state.phase).toBe("live");
  });

  it("ends when its session is not known", async () => {
    daemon.revoked = true;
    listen();
    await vi.advanceTimersByTimeAsync(5);
    expect(live.state.phase).toBe("ended");
  });

  it("goes from a job that has ended to the later one", async () => {
    const lines: string[] = [];
    daemon.pages = [
      { job: "a1", lines: [line(1)], next: 9, ended: true, later: "a2" },
      { job: "a2", lines: [line(1), line(2)], next: 20, ended: false },
    ];
    live = new Live(daemon.options());
    live.journal(
      { project: "shop", key: "SHOP-1" },
      { onLines: (all, job) => lines.push(...all.map((l) => `${job} ${l.text}`)) },
    );
    live.start();
    await vi.advanceTimersByTimeAsync(5);
    expect(lines).toEqual(["a1 1", "a2 1", "a2 2"]);
    expect(daemon.asked.at(-1)).toContain("job=a2&from=20");
  });
});

describe("a place", () => {
  it("takes each event once and in sequence", () => {
    const cursor = new EventCursor(3);
    expect(cursor.take([event(3), event(5), event(4), event(6)]).map((e) => e.seq)).toEqual([5, 6]);
    cursor.skip(4);
    expect(cursor.after).toBe(6);
  });

  it("begins anew with another job, and not with the same one", () => {
    const cursor = new JournalCursor("a1");
    cursor.reached(77);
    cursor.begin("a1");
    expect([cursor.job, cursor.from]).toEqual(["a1", 77]);
    cursor.begin("a2");
    expect([cursor.job, cursor.from]).toEqual(["a2", 0]);
  });
});
