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

/** A list that takes so long to be read, and how often that was. */
function reading(ms: number) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  let read = 0;
  const observer = new QueryObserver(queries, {
    queryKey: ["tickets"],
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
