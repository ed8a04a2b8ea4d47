// Keys of the whole page, which are not meant while somebody writes. Each has words: the help lists what
// holds at that moment.

import { type RefObject, useLayoutEffect, useRef } from "react";

/** What a keyboard here has for commands. */
export const COMMAND = /Mac|iP(hone|ad|od)/.test(navigator.platform) ? "⌘" : "Ctrl";

const WRITING = "input:not([type='checkbox']), textarea, select, [contenteditable='true']";

/** Whether a key belongs to what has the focus, or to a dialog above the page. */
function taken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
    return true;
  const target = event.target as HTMLElement | null;
  if (target?.closest?.(WRITING)) return true;
  // These keys press what has the focus.
  if (
    (event.key === "Enter" || event.key === " ") &&
    target?.closest?.("a, button, summary, [role='option']")
  )
    return true;
  const dialog = document.querySelector(
    "[role='dialog'][data-state='open'], [role='menu'][data-state='open']",
  );
  return dialog !== null && !dialog.contains(target);
}

/** Within this, a second letter belongs to the first. */
const FOLLOWS_MS = 1_000;

/** By `KeyboardEvent.key`, or two of them with a blank between: what it does, in words, and the doing. */
export type Keys = Record<string, readonly [says: string, act: () => void] | undefined>;

interface InForce {
  keys: RefObject<Keys>;
  everywhere: boolean;
}
const inForce = new Set<InForce>();

/** What keys do at this moment: those of the view, or those that hold everywhere. */
export function heeded(everywhere: boolean): { keys: string[]; says: string }[] {
  const found = new Map<string, string[]>();
  for (const each of inForce) {
    if (each.everywhere !== everywhere) continue;
    for (const [key, bound] of Object.entries(each.keys.current)) {
      if (bound) found.set(bound[0], [...(found.get(bound[0]) ?? []), key]);
    }
  }
  return [...found].map(([says, keys]) => ({ says, keys }));
}

interface Heed {
  enabled?: boolean;
  /** They hold whatever the view is. */
  everywhere?: boolean;
}

/** Does what a key says. */
export function useKeys(keys: Keys, { enabled = true, everywhere = false }: Heed = {}): void {
  const latest = useRef(keys);
  latest.current = keys;
  // Before the page is painted: who sees a key's letter may press it.
  useLayoutEffect(() => {
    if (!enabled) return;
    let before = "";
    let beforeMs = 0;
    const pressed = (event: KeyboardEvent) => {
      if (taken(event)) return;
      // When it was pressed, not when this page found the time to hear of it.
      const first = event.timeStamp - beforeMs < FOLLOWS_MS ? before : "";
      const bound =
        latest.current[`${first} ${event.key}`] ?? (first ? undefined : latest.current[event.key]);
      const starts = Object.keys(latest.current).some((name) => name.startsWith(`${event.key} `));
      before = !bound && starts ? event.key : "";
      beforeMs = event.timeStamp;
      if (!bound) return;
      event.preventDefault();
      bound[1]();
    };
    const told = { keys: latest, everywhere };
    inForce.add(told);
    document.addEventListener("keydown", pressed);
    return () => {
      inForce.delete(told);
      document.removeEventListener("keydown", pressed);
    };
  }, [enabled, everywhere]);
}

export const upAndDown = (down: () => void, up: () => void): Keys => ({
  j: ["go down", down],
  ArrowDown: ["go down", down],
  k: ["go up", up],
  ArrowUp: ["go up", up],
});

/** Down and up among those elements of a box, from the one that has the focus. */
export function stepping(box: RefObject<HTMLElement | null>, selector: string): Keys {
  const step = (by: number) => () => {
    const rows = [...(box.current?.querySelectorAll<HTMLElement>(selector) ?? [])];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    rows[Math.max(0, Math.min(at + by, rows.length - 1))]?.focus();
  };
  return upAndDown(step(1), step(-1));
}
