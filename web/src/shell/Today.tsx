// What today has cost so far, at the foot of the page's side.

import { useQuery } from "@tanstack/react-query";
import { projectsQuery } from "../data/queries";
import { dollars, tokens } from "../model/amount";
import { spentToday } from "../model/spending";
import { useProject } from "./project";

export function Today() {
  const [project] = useProject();
  const { data } = useQuery(projectsQuery);
  if (!data) return null;
  const spent = spentToday(
    data.filter(({ name }) => !project || name === project),
    Date.now(),
  );
  const share = spent.microusdMax ? Math.min(1, spent.microusd / spent.microusdMax) : null;
  return (
    <div className="border-t border-line px-4 py-3">
      <p className="flex items-baseline justify-between text-xs text-ink-3">
        Today
        <span className="figures text-sm text-ink">{dollars(spent.microusd)}</span>
      </p>
      <p className="figures flex justify-between text-2xs text-ink-3">
        <span>{tokens(spent.tokens)}</span>
        {spent.microusdMax ? <span>of {dollars(spent.microusdMax)}</span> : null}
      </p>
      {share !== null && (
        <progress
          className="bar mt-1.5"
          value={share}
          max={1}
          aria-label="Share of the day's budget that is spent"
        />
      )}
    </div>
  );
}
