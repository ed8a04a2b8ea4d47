import { useQuery } from "@tanstack/react-query";
import type { Circuit, JobPulse, NodeView, Status } from "../api";
import { statusQuery } from "../data/queries";

const NOTHING: { circuits: Circuit[]; nodes: NodeView[] } = { circuits: [], nodes: [] };

type Told = Partial<Omit<Status, "circuits" | "nodes">> & { circuits: Circuit[]; nodes: NodeView[] };

/** What the daemon says of itself. */
export function useStatus(): Told {
  const { data } = useQuery(statusQuery);
  return data ? { ...data } : { ...NOTHING, version: undefined, config: undefined };
}

/** What each ticket's job was last heard doing, by `project.KEY`. */
export function pulsesOf(nodes: NodeView[]): Map<string, JobPulse> {
  const pulses = new Map<string, JobPulse>();
  for (const pulse of nodes.flatMap((node) => node.jobs)) {
    const name = pulse.job.slice(0, pulse.job.lastIndexOf("."));
    const known = pulses.get(name);
    // Of a lost one, the later is the living.
    if (!known || known.last_activity_us < pulse.last_activity_us) pulses.set(name, pulse);
  }
  return pulses;
}
