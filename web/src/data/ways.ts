// By which ways a browser can be let in.

import { queryOptions } from "@tanstack/react-query";

/** What `GET /login/ways` answers, to whoever asks. */
export interface Ways {
  oidc?: { label: string; path: string };
}

export const waysQuery = queryOptions({
  queryKey: ["ways"],
  queryFn: async (): Promise<Ways> => {
    const answer = await fetch("/login/ways");
    // Whatever answers otherwise lets nobody in so.
    if (!answer.ok) return {};
    const ways = (await answer.json()) as Ways;
    // A path of this daemon, and nothing that a link could run.
    return ways.oidc?.path.startsWith("/login/") ? ways : {};
  },
});
