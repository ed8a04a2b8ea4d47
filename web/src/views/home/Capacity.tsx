// How much is going on, and how much more could.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { projectsQuery, queueQuery, useTickets } from "../../data/queries";
import { clock, dollars } from "../../model/amount";
import { spentToday } from "../../model/spending";
import { useProject } from "../../shell/project";
import { useStatus } from "../../shell/status";

export function Capacity() {
  const [project] = useProject();
  const { tickets } = useTickets(project);
  const { nodes } = useStatus();
  const { data: projects = [] } = useQuery(projectsQuery);
  const { data: queue = [] } = useQuery(queueQuery);
  const jobs = nodes.reduce((sum, node) => sum + node.jobs.length, 0);
  const slots = nodes.reduce((sum, node) => sum + node.slots, 0);
  const alive = nodes.filter((node) => node.state === "alive").length;
  const inState = (state: string) => tickets.filter((ticket) => ticket.state === state).length;
  const parked = tickets.filter((ticket) => ticket.state === "parked" && ticket.wait.until_us);
  const next = parked.map((ticket) => ticket.wait.until_us ?? 0).sort((a, b) => a - b)[0];
  const spent = spentToday(
    projects.filter(({ name }) => !project || name === project),
    Date.now(),
  );
  const inQueue = queue.filter((entry) => !project || entry.project === project).length;
  const open = tickets.filter((ticket) => ticket.state === "open").length;
  return (
    <dl
      aria-label="Capacity"
      className="grid shrink-0 grid-cols-3 gap-px border-t border-line bg-line md:grid-cols-6"
    >
      <Measure name="Jobs">
        {jobs} <Of>of {slots} slots</Of>
      </Measure>
      <Measure name="Nodes">
        {alive} <Of>of {nodes.length} alive</Of>
      </Measure>
      <Measure name="Open">
        {open} <Of>{next ? `and ${parked.length} parked to ${clock(next).slice(0, 5)}` : "none parked"}</Of>
      </Measure>
      <Measure name="Queue">
        {inQueue} <Of>to land</Of>
      </Measure>
      <Measure name="Review">
        {inState("review")} <Of>wait for leave</Of>
      </Measure>
      <Measure name="Today">
        {dollars(spent.microusd)}{" "}
        {spent.microusdMax ? <Of>of {dollars(spent.microusdMax).replace(/ USD$/, "")}</Of> : null}
      </Measure>
    </dl>
  );
}

function Measure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="bg-ground px-4 py-2.5 md:px-5">
      <dt className="eyebrow">{name}</dt>
      <dd className="figures text-base font-medium xl:truncate">{children}</dd>
    </div>
  );
}

function Of({ children }: { children: ReactNode }) {
  return <span className="text-xs font-normal text-ink-3 max-xl:block">{children}</span>;
}
