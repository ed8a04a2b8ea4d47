// Light or dark: as the system has it, or as the person wants it.

import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const KEY = "gangline:theme";
const listeners = new Set<() => void>();

function kept(): Theme {
  const theme = localStorage.getItem(KEY);
  return theme === "light" || theme === "dark" ? theme : "system";
}

let theme = kept();

function show(): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function chooseTheme(next: Theme): void {
  theme = next;
  if (next === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, next);
  show();
  for (const listener of listeners) listener();
}

export const useTheme = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );

/** What is shown now, whoever wants it. */
export function useDark(): boolean {
  const chosen = useTheme();
  const system = useSyncExternalStore(
    (listener) => {
      const media = matchMedia("(prefers-color-scheme: dark)");
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => matchMedia("(prefers-color-scheme: dark)").matches,
  );
  return chosen === "system" ? system : chosen === "dark";
}

show();
