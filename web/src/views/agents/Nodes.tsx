// Where agents work: what each node has room for, what it runs short of, and whether it is drained.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { given, type NodeView } from "../../api";
import { client } from "../../data/daemon";
import { useWhyNot } from "../../data/me";
import { tellFailure } from "../../data/wishes";
import { plain } from "../../model/plain";
import { Age, Button, Heading, Tag } from "../../ui/basics";

const DRAINS = "Give it no new attempts; what runs there ends in peace, and lands";

export function Nodes({ nodes }: { nodes: NodeView[] }) {
  return (
    <section aria-label="Nodes">
      <Heading>Nodes</Heading>
      <ul className="flex flex-col gap-2">
        {nodes.map((node) => (
          <Node key={node.name} node={node} />
        ))}
      </ul>
    </section>
  );
}

function Node({ node }: { node: NodeView }) {
  const { name, state, jobs, slots, kinds, alerts = [], draining } = node;
  const queries = useQueryClient();
  const forbidden = useWhyNot()("L2");
  const [under, setUnder] = useState(false);
  const drain = async () => {
    setUnder(true);
    const params = { path: { node: name } };
    try {
      if (draining) await given(client.POST("/api/v1/nodes/{node}/resume", { params }));
      else await given(client.POST("/api/v1/nodes/{node}/drain", { params }));
      toast.success(draining ? `${name} goes on` : `${name} is drained; what runs there ends in peace`);
    } catch (error) {
      tellFailure(error);
    }
    setUnder(false);
    await queries.invalidateQueries({ queryKey: ["status"] });
  };
  return (
    <li
      data-node={name}
      tabIndex={-1}
      className="grid items-center gap-x-6 gap-y-2 rounded-lg border border-line bg-surface px-4 py-2.5 focus:border-accent focus:outline-none sm:grid-cols-[minmax(0,1fr)_9rem_7.5rem]"
    >
      <div className="flex min-w-0 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <span className="font-medium">{plain(name)}</span>
          <Tag tone={state === "alive" ? "good" : "bad"}>{state}</Tag>
          {draining && <Tag tone="attention">draining</Tag>}
          {alerts.map(({ kind }) => (
            <Tag key={kind} tone="attention">
              short of {plain(kind)}
            </Tag>
          ))}
        </p>
        {alerts.map((alert) => (
          <p key={alert.kind} className="text-xs text-attention">
            {plain(alert.text)} · for <Age us={alert.since_us} />
          </p>
        ))}
        <p className="text-xs text-ink-3">drives {kinds.join(", ")}</p>
      </div>
      <div className="figures text-sm">
        {jobs.length} <span className="text-xs text-ink-3">of {slots} slots</span>
        <progress
          className="bar mt-1"
          value={jobs.length}
          max={Math.max(1, slots)}
          aria-label={`Slots of ${name} that are taken`}
        />
      </div>
      {draining !== undefined && (
        <Button
          data-act="drain"
          shortcut="d"
          onClick={() => void drain()}
          disabled={under}
          forbidden={forbidden}
          title={draining ? "Give it new attempts again" : DRAINS}
          aria-label={draining ? `Go on with ${name}` : `Drain ${name}`}
          className="justify-self-start sm:justify-self-end"
        >
          {draining ? "Go on" : "Drain"}
        </Button>
      )}
    </li>
  );
}
