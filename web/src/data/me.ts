// Who looks at this page, and what they may do.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { given } from "../api";
import { type Role, whyNotAllowed } from "../model/roles";
import { client } from "./daemon";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => given(client.GET("/api/v1/me")),
});

/** Why what needs that role is not for this person; `null` if it is, or if that is not known yet. */
export function useWhyNot(): (needs: Role) => string | null {
  const { data } = useQuery(meQuery);
  return (needs) => (data ? whyNotAllowed(data.role, needs) : null);
}
