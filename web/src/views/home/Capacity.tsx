// How much is going on, and how much more could.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { projectsQuery, queueQuery, useTickets } from "../../data/queries";
import { clock, count, dollars } from "../../model/amount";
import { quotas, reviewLoad } from "../../model/capacity";
import { perHour, spentToday } from "../../model/spending";
import { useProject } from "../../shell/project";
import { useStatus } from "../../shell/status";
import { Age } from "../../ui/basics";

export function Capacity() {
  const [project] = useProject();
  const { tickets } = useTickets(project);
  const { nodes } = useStatus();
  const { data: projects = [] } = useQuery(projectsQuery);
  const { data: queue = [] } = useQuery(queueQuery);
  const jobs = nodes.reduce((sum, node) => sum + node.jobs.length, 0);
  const slots = nodes.reduce((sum, node) => sum + node.slots, 0);
  const alive = nodes.filter((node) => node.state === "alive").length;
  const draining = nodes.filter((node) => node.draining).length;
  const review = reviewLoad(tickets);
  const nowMs = Date.now();
  const spent = spentToday(
    projects.filter(({ name }) => !project || name === project),
    nowMs,
  );
  const lanes = queue.filter((entry) => !project || entry.project === project);
  const landing = lanes.filter(({ state }) => state === "landing").length;
  const open = tickets.filter((ticket) => ticket.state === "open");
  const behind = open.filter(({ wait }) => wait.for === "dependencies").length;
  return (
    <dl
      aria-label="Capacity"
      className="grid shrink-0 grid-cols-2 gap-px border-t border-line bg-line sm:grid-cols-3 xl:grid-cols-6"
    >
      <Measure
        name="Jobs"
        value={jobs}
        of={`of ${slots} slots`}
        also={`${alive} of ${count(nodes.length, "node")} alive${draining > 0 ? `, ${draining} draining` : ""}`}
      />
      <Measure
        name="Open"
        value={open.length}
        of="to start"
        also={behind > 0 ? `${behind} behind others` : "none behind others"}
      />
      <Quota {...quotas(tickets)} />
      <Measure
        name="Queue"
        value={lanes.length}
        of="to land"
        also={landing > 0 ? `${landing} in the lane` : "the lane is free"}
      />
      <Measure
        name="Review"
        value={review.count}
        of="wait for leave"
        also={
          review.oldestUs === null ? (
            "nothing to review"
          ) : (
            <>
              the oldest for <Age us={review.oldestUs} />
            </>
          )
        }
      />
      <Measure
        name="Today"
        value={dollars(spent.microusd)}
        of={spent.microusdMax ? `of ${dollars(spent.microusdMax).replace(/ USD$/, "")}` : null}
        also={
          <span title="What today (UTC) has cost, for each hour since it began">
            {dollars(perHour(spent, nowMs)).replace(/ USD$/, "")} per hour today
          </span>
        }
      />
    </dl>
  );
}

/** Agents go on when their quota is there again, and nobody has to do anything. */
function Quota({ timed, firstUs, unknown }: ReturnType<typeof quotas>) {
  const first = firstUs ? `${timed > 1 ? "first " : ""}goes on ${clock(firstUs).slice(0, 5)}` : "";
  const byHand = unknown > 0 ? `${unknown} by hand` : "";
  return (
    <Measure
      name="Parked"
      value={timed + unknown}
      of="for quotas"
      also={[first, byHand].filter(Boolean).join(", ") || "no quota is used up"}
    />
  );
}

interface MeasureProps {
  name: string;
  value: ReactNode;
  /** What the figure is of. */
  of: ReactNode;
  /** A second figure, below. */
  also: ReactNode;
}

function Measure({ name, value, of, also }: MeasureProps) {
  return (
    <div className="min-w-0 bg-ground px-4 py-2.5 md:px-5">
      <dt className="eyebrow">{name}</dt>
      <dd className="figures truncate text-base font-medium">
        {value} <span className="text-xs font-normal text-ink-3">{of}</span>
      </dd>
      <dd className="figures truncate text-xs text-ink-3">{also}</dd>
    </div>
  );
}
