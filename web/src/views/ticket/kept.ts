// What this browser keeps of a review, until the commit is another one.

import { useState } from "react";

const PREFIX = "gangline:";
/** Reviews that are kept; the oldest goes first. */
const KEPT_MAX = 200;

export function useKept<T>(name: string, otherwise: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    try {
      const text = localStorage.getItem(PREFIX + name);
      return text === null ? otherwise : (JSON.parse(text) as T);
    } catch {
      return otherwise;
    }
  });
  const keep = (next: T) => {
    setValue(next);
    forgetOldest();
    localStorage.setItem(PREFIX + name, JSON.stringify(next));
  };
  return [value, keep];
}

function forgetOldest(): void {
  const names = Object.keys(localStorage).filter(
    (name) => name.startsWith(`${PREFIX}seen:`) || name.startsWith(`${PREFIX}remarks:`),
  );
  for (const name of names.slice(0, Math.max(0, names.length - KEPT_MAX))) localStorage.removeItem(name);
}
