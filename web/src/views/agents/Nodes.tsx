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
import { Table } from "../../ui/Page";

const DRAINS = "Give it no new attempts; what runs there ends in peace, and lands";

export function Nodes({ nodes }: { nodes: NodeView[] }) {
  return (
    <section>
      <Heading>Nodes</Heading>
      <Table label="Nodes" heads={["Node", "State", "Jobs", "Drives", "New attempts"]}>
        {nodes.map((node) => (
          <Node key={node.name} node={node} />
        ))}
      </Table>
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
    <tr data-node={name} tabIndex={-1} className="focus:bg-hover focus:outline-none">
      <td className="font-medium">{plain(name)}</td>
      <td>
        <span className="flex flex-wrap gap-1">
          <Tag tone={state === "alive" ? "good" : "bad"}>{state}</Tag>
          {draining && <Tag tone="attention">draining</Tag>}
        </span>
        {alerts.map((alert) => (
          <span key={alert.kind} className="block pt-1 text-xs text-attention">
            short of {plain(alert.kind)}: {plain(alert.text)}, for <Age us={alert.since_us} />
          </span>
        ))}
      </td>
      <td className="figures w-40">
        {jobs.length} of {slots}
        <progress
          className="bar mt-1"
          value={jobs.length}
          max={Math.max(1, slots)}
          aria-label={`Slots of ${name} that are taken`}
        />
      </td>
      <td className="text-ink-2">{kinds.join(", ")}</td>
      <td>
        {draining === undefined ? (
          "as there is room"
        ) : (
          <Button
            data-drain
            shortcut="d"
            onClick={() => void drain()}
            disabled={under}
            forbidden={forbidden}
            title={draining ? "Give it new attempts again" : DRAINS}
            aria-label={draining ? `Go on with ${name}` : `Drain ${name}`}
          >
            {draining ? "Go on" : "Drain"}
          </Button>
        )}
      </td>
    </tr>
  );
}
