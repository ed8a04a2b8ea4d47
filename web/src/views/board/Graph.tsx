// What waits for what. Only tickets that wait, or are waited for, are in it.

import "@xyflow/react/dist/style.css";
import dagre from "@dagrejs/dagre";
import {
  Background,
  BaseEdge,
  Controls,
  type Edge,
  type EdgeProps,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import { useMemo } from "react";
import { Link } from "react-router";
import type { TicketView } from "../../api";
import { nameOf } from "../../model/needs";
import { plain } from "../../model/plain";
import { pathOf } from "../../shell/paths";
import { useDark } from "../../shell/theme";
import { Empty } from "../../ui/basics";
import { Mark } from "../../ui/Mark";
import { useWide } from "../../ui/wide";

const WIDTH = 210;
const HEIGHT = 58;

type TicketNode = Node<{ ticket: TicketView }, "ticket">;
type Place = { x: number; y: number };
/** By which places it goes: none of them is behind a ticket. */
type WayEdge = Edge<{ by: Place[] }, "way">;

/** Laid out from left to right, or from top to bottom: what must land first comes first. */
function graph(tickets: TicketView[], wide: boolean): { nodes: TicketNode[]; edges: WayEdge[] } {
  const known = new Map(tickets.map((ticket) => [nameOf(ticket), ticket]));
  const edges: WayEdge[] = [];
  for (const ticket of tickets) {
    for (const on of ticket.wait.on ?? []) {
      const source = nameOf({ project: ticket.project, key: on });
      const target = nameOf(ticket);
      if (known.has(source))
        edges.push({
          id: `${source} ${target}`,
          type: "way",
          source,
          target,
          animated: known.get(source)?.state === "working",
          markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--line-strong)" },
        });
    }
  }
  const plan = new dagre.graphlib.Graph()
    .setGraph({ rankdir: wide ? "LR" : "TB", nodesep: 18, ranksep: wide ? 64 : 40 })
    .setDefaultEdgeLabel(() => ({}));
  for (const name of new Set(edges.flatMap(({ source, target }) => [source, target])))
    plan.setNode(name, { width: WIDTH, height: HEIGHT });
  for (const { source, target } of edges) plan.setEdge(source, target);
  dagre.layout(plan);
  for (const edge of edges) edge.data = { by: plan.edge(edge.source, edge.target).points.slice(1, -1) };
  const nodes = plan.nodes().flatMap((id): TicketNode[] => {
    const ticket = known.get(id);
    const { x, y } = plan.node(id);
    return ticket
      ? [
          {
            id,
            type: "ticket",
            position: { x: x - WIDTH / 2, y: y - HEIGHT / 2 },
            data: { ticket },
            width: WIDTH,
            height: HEIGHT,
          },
        ]
      : [];
  });
  return { nodes, edges };
}

function TicketBox({ data: { ticket } }: NodeProps<TicketNode>) {
  const wide = useWide();
  return (
    <Link
      to={pathOf(ticket)}
      className="nodrag flex h-full w-full flex-col justify-center gap-0.5 rounded-md border border-line bg-surface px-3 text-xs text-ink hover:border-line-strong"
    >
      <Handle
        type="target"
        position={wide ? Position.Left : Position.Top}
        isConnectable={false}
        className="invisible"
      />
      <span className="flex items-center gap-1.5 text-2xs text-ink-3">
        <Mark state={ticket.state} />
        <span className="font-mono">{ticket.key}</span>
        <span className="ml-auto">{ticket.state}</span>
      </span>
      <span className="truncate">{plain(ticket.title)}</span>
      <Handle
        type="source"
        position={wide ? Position.Right : Position.Bottom}
        isConnectable={false}
        className="invisible"
      />
    </Link>
  );
}

/** A line through all of these places, without corners. */
function curve(places: Place[], wide: boolean): string {
  const [first] = places;
  if (!first) return "";
  let way = `M${first.x},${first.y}`;
  for (const [at, to] of places.slice(1).entries()) {
    const from = places[at] ?? first;
    // It leaves and arrives in the direction in which the graph is read.
    const half = wide ? (to.x - from.x) / 2 : (to.y - from.y) / 2;
    const [a, b] = wide
      ? [`${from.x + half},${from.y}`, `${to.x - half},${to.y}`]
      : [`${from.x},${from.y + half}`, `${to.x},${to.y - half}`];
    way += `C${a} ${b} ${to.x},${to.y}`;
  }
  return way;
}

function Way({ id, sourceX, sourceY, targetX, targetY, data, markerEnd }: EdgeProps<WayEdge>) {
  const wide = useWide();
  const places = [{ x: sourceX, y: sourceY }, ...(data?.by ?? []), { x: targetX, y: targetY }];
  return <BaseEdge id={id} path={curve(places, wide)} markerEnd={markerEnd ?? ""} />;
}

const TYPES = { ticket: TicketBox };
const WAYS = { way: Way };

export function Graph({ tickets }: { tickets: TicketView[] }) {
  const dark = useDark();
  const wide = useWide();
  const { nodes, edges } = useMemo(() => graph(tickets, wide), [tickets, wide]);
  if (nodes.length === 0) return <Empty title="No ticket waits for another one" />;
  return (
    <div className="h-full" role="region" aria-label="What waits for what">
      <ReactFlow
        key={String(wide)}
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        edgeTypes={WAYS}
        colorMode={dark ? "dark" : "light"}
        fitView
        fitViewOptions={{ maxZoom: 1.1 }}
        minZoom={0.1}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        onlyRenderVisibleElements
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={22} size={1} color="var(--line)" bgColor="var(--ground)" />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}
