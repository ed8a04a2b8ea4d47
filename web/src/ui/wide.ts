import { useSyncExternalStore } from "react";

const WIDE = "(min-width: 64rem)";

/** Whether there is room for two things beside one another. */
export const useWide = () =>
  useSyncExternalStore(
    (listener) => {
      const media = matchMedia(WIDE);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => matchMedia(WIDE).matches,
  );
