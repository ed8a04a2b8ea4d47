// The present moment, once a second, for everything that tells an age.

import { useSyncExternalStore } from "react";

const TICK_MS = 1_000;

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    if (document.hidden) return;
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** What is said of the moment, of milliseconds: drawn anew only when something else is said. */
export const useSaid = <T extends string | number>(say: (nowMs: number) => T): T =>
  useSyncExternalStore(subscribe, () => say(now));

/** Milliseconds. */
export const useNow = () => useSaid((nowMs) => nowMs);
