// Policies: read anew on a person's word, as `gangline project add` does.

import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { toast } from "sonner";
import { given, type ProjectView } from "../api";
import { client } from "./daemon";
import { tellFailure } from "./wishes";

/** Has the daemon take over the policy that a project's repository has now. */
export function useTakeOver(): (project: ProjectView) => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    async ({ name, repo }) => {
      try {
        const { change } = await given(client.POST("/api/v1/projects", { body: { path: repo } }));
        toast.success(change === "unchanged" ? `nothing is new in ${name}` : `${name} has its new policy`);
      } catch (error) {
        tellFailure(error);
      }
      for (const kind of ["projects", "policy", "schedules"]) {
        await queries.invalidateQueries({ queryKey: [kind] });
      }
    },
    [queries],
  );
}
