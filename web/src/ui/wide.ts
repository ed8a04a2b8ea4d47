import { useSyncExternalStore } from "react";

/** Whether there is that much room, in rem: for two things beside one another, where nothing is said. */
export function useWide(rem = 64): boolean {
  const query = `(min-width: ${rem}rem)`;
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
  );
}
