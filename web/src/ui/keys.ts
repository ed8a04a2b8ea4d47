// Keys of the whole page, which are not meant while somebody writes.

import { useLayoutEffect, useRef } from "react";

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

type Keys = Record<string, (() => void) | undefined>;

/** Does what a key says, by `KeyboardEvent.key`; two letters with a blank between follow one another. */
export function useKeys(keys: Keys, enabled = true): void {
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
      const act = latest.current[`${first} ${event.key}`] ?? (first ? undefined : latest.current[event.key]);
      const starts = Object.keys(latest.current).some((name) => name.startsWith(`${event.key} `));
      before = !act && starts ? event.key : "";
      beforeMs = event.timeStamp;
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [enabled]);
}
