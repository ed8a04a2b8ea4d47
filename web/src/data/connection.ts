// Whether what is shown is live, and what is read anew when it is again.

import { type QueryClient, useQuery } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import type { LiveState } from "../api";
import { forgetDays } from "./course";
import { live } from "./daemon";
import { Freshness } from "./freshness";
import { statusQuery } from "./queries";

/** Reads events for as long as the page is there. */
export function begin(queries: QueryClient): () => void {
  const fresh = new Freshness(queries);
  let lost = false;
  const unread = live.events(
    {},
    {
      onEvents: (events) => fresh.heard(events),
      onReset() {
        forgetDays();
        fresh.all();
      },
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
