// Whether what is shown is live, and what is read anew when it is again.

import { type QueryClient, useQuery } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { EventView, LiveState } from "../api";
import { live } from "./daemon";
import { Freshness } from "./freshness";
import { statusQuery } from "./queries";

/** Events that are kept to be shown. */
const EVENTS_KEPT = 200;

let latest: EventView[] = [];
const listeners = new Set<() => void>();

/** The last events, the newest first. */
export function useLatestEvents(): EventView[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => latest,
  );
}

/** Reads events for as long as the page is there. */
export function begin(queries: QueryClient): () => void {
  const fresh = new Freshness(queries);
  let lost = false;
  const unread = live.events(
    {},
    {
      onEvents(events) {
        latest = [...events.toReversed(), ...latest].slice(0, EVENTS_KEPT);
        for (const listener of listeners) listener();
        fresh.heard(events);
      },
      onReset: () => fresh.all(),
    },
  );
  const unwatched = live.watch(({ phase }) => {
    // Pulses, quotas and whatever else is no event.
    if (lost && (phase === "live" || phase === "polling")) fresh.all();
    lost = phase === "lost";
  });
  live.start();
  return () => {
    unread();
    unwatched();
    live.stop();
  };
}

let state: LiveState = live.state;

export function useConnection(): LiveState {
  const now = useSyncExternalStore(
    (listener) =>
      live.watch((next) => {
        state = next;
        listener();
      }),
    () => state,
  );
  const { failureCount } = useQuery(statusQuery);
  // The pulse is asked for often: it finds a dead connection before the connection does.
  useEffect(() => {
    if (failureCount > 0) live.doubt();
  }, [failureCount]);
  return now;
}
