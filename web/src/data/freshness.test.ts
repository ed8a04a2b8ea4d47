import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { EventView } from "../api";

vi.stubGlobal("location", { origin: "http://daemon" });
const { Freshness } = await import("./freshness");

const event = (key: string): EventView => ({
  seq: 1,
  at_us: 1,
  actor: "a",
  type: "t",
  text: "",
  project: "shop",
  key,
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What takes so long to be read, and how often that was. */
function reading(ms: number, queryKey = ["tickets"]) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  let read = 0;
  const observer = new QueryObserver(queries, {
    queryKey,
    queryFn: async () => {
      read += 1;
      await new Promise((done) => setTimeout(done, ms));
      return read;
    },
  });
  observer.subscribe(() => {});
  return { queries, count: () => read };
}

it("reads once for many events at once", async () => {
  const { queries, count } = reading(5);
  await vi.advanceTimersByTimeAsync(10);
  const fresh = new Freshness(queries, () => Date.now());
  for (let n = 0; n < 100; n += 1) fresh.heard([event(`S-${n}`)]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(count()).toBe(2);
});

it("spends a small part of the time on reading, however many events come", async () => {
  const { queries, count } = reading(200);
  await vi.advanceTimersByTimeAsync(300);
  const fresh = new Freshness(queries, () => Date.now());
  for (let n = 0; n < 1_000; n += 1) {
    fresh.heard([event("S-1")]);
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(count()).toBeGreaterThan(5);
  expect(count()).toBeLessThan(10);
});

it("reads a ticket that is looked at as seldom, though lists are read in no time", async () => {
  const { queries, count } = reading(200, ["packet", "shop", "S-1"]);
  await vi.advanceTimersByTimeAsync(300);
  const fresh = new Freshness(queries, () => Date.now());
  for (let n = 0; n < 1_000; n += 1) {
    fresh.heard([event("S-1"), event("S-2")]);
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(count()).toBeGreaterThan(5);
  expect(count()).toBeLessThan(10);
});

it("does not read a ticket to which nothing has happened", async () => {
  const { queries, count } = reading(5, ["packet", "shop", "S-1"]);
  await vi.advanceTimersByTimeAsync(10);
  new Freshness(queries, () => Date.now()).heard([event("S-2"), { ...event("S-1"), project: "other" }]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(count()).toBe(1);
});

it("reads lists on while a ticket takes its time", async () => {
  const { queries, count } = reading(5);
  const slow = new QueryObserver(queries, {
    queryKey: ["packet", "shop", "S-1"],
    queryFn: () => new Promise<number>(() => {}),
  });
  slow.subscribe(() => {});
  await vi.advanceTimersByTimeAsync(10);
  const fresh = new Freshness(queries, () => Date.now());
  for (let n = 0; n < 60; n += 1) {
    fresh.heard([event("S-1")]);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(count()).toBeGreaterThan(4);
});

it("reads seldom where nobody looks", async () => {
  const { queries, count } = reading(5);
  await vi.advanceTimersByTimeAsync(10);
  const fresh = new Freshness(
    queries,
    () => Date.now(),
    () => true,
  );
  for (let n = 0; n < 200; n += 1) {
    fresh.heard([event("S-1")]);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(count()).toBeGreaterThan(3);
  expect(count()).toBeLessThan(7);
});

it("reads what came while it was reading", async () => {
  const { queries, count } = reading(100);
  await vi.advanceTimersByTimeAsync(200);
  const fresh = new Freshness(queries, () => Date.now());
  fresh.heard([event("S-1")]);
  await vi.advanceTimersByTimeAsync(100);
  fresh.heard([event("S-2")]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(count()).toBe(3);
});
