// Which project is looked at: one, or all of them. It is part of the address.

import { useCallback } from "react";
import { useSearchParams } from "react-router";

export function useProject(): [string | undefined, (project: string | undefined) => void] {
  const [asked, setAsked] = useSearchParams();
  const choose = useCallback(
    (project: string | undefined) => {
      setAsked((before) => {
        const next = new URLSearchParams(before);
        if (project) next.set("project", project);
        else next.delete("project");
        return next;
      });
    },
    [setAsked],
  );
  return [asked.get("project") ?? undefined, choose];
}
