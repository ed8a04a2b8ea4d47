// Who works: nodes, the agents at work on them, and how honest each kind of agent has been.

import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { Link, useNavigate } from "react-router";
import type { JobPulse, MainAgentView, NodeView, TicketDetail, TicketView } from "../../api";
import { useWhyNot } from "../../data/me";
import { mainAgentsQuery, projectsQuery, ticketQuery, useTickets } from "../../data/queries";
import { useWish } from "../../data/wishes";
import { ACTS } from "../../model/acts";
import { lastCommit } from "../../model/agents";
import { cost, count, short } from "../../model/amount";
import { nameOf } from "../../model/needs";
import { plain } from "../../model/plain";
import type { Tone } from "../../model/states";
import { pathOf } from "../../shell/paths";
import { useProject } from "../../shell/project";
import { pulsesOf, useStatus } from "../../shell/status";
import { Age, Button, Empty, Heading, Key, Tag } from "../../ui/basics";
import { stepping, useKeys } from "../../ui/keys";
import { State } from "../../ui/Mark";
import { Page } from "../../ui/Page";
import { External } from "./External";
import { Nodes } from "./Nodes";
import { Startable } from "./Startable";
import { WentIn } from "./WentIn";

/** Workers whose branch and last commit are read. */
const DETAILS_MAX = 64;
/** What is gone through by keys. */
const ROWS = "[data-worker], [data-startable], [data-session], [data-node]";
const AT_WORK = new Set(["working", "verifying", "landing"]);

export function Agents() {
  const [project] = useProject();
  const { tickets } = useTickets(project);
  const { nodes } = useStatus();
  const { data: projects = [] } = useQuery(projectsQuery);
  const names = projects.map(({ name }) => name).filter((name) => !project || name === project);
  const navigate = useNavigate();
  const list = useRef<HTMLDivElement>(null);
  const follow = () => {
    const at = document.activeElement?.closest("[data-worker]");
    at?.querySelector<HTMLAnchorElement>("a[data-follow]")?.click();
  };
  const press = (button: string) => () => {
    const at = document.activeElement?.closest(ROWS);
    at?.querySelector<HTMLButtonElement>(`button[data-act=${button}]`)?.click();
  };
  useKeys({
    ...stepping(list, ROWS),
    f: [ACTS.follow.help, follow],
    Enter: [ACTS.follow.help, follow],
    u: ["start what is a draft or held", press("start")],
    x: ["let an external session go", press("let-go")],
    d: ["drain the node, or let it go on", press("drain")],
    Escape: ["back", () => navigate("/")],
  });
  const atWork = tickets.filter(({ state }) => AT_WORK.has(state));
  return (
    <Page
      title="Agents and nodes"
      about={`${count(atWork.length, "ticket")} at work on ${count(nodes.length, "node")}`}
    >
      <div ref={list} className="contents">
        <MainAgents />
        <Workers tickets={atWork} nodes={nodes} />
        <Startable tickets={tickets} />
        {projects
          .filter(({ name }) => names.includes(name))
          .map((each) => (
            <External key={each.name} project={each} tickets={tickets} />
          ))}
        <Nodes nodes={nodes} />
        {names.map((name) => (
          <WentIn key={name} project={name} />
        ))}
      </div>
    </Page>
  );
}

const TONE_OF_PRESENCE: Record<MainAgentView["presence"], Tone> = {
  active: "good",
  idle: "busy",
  away: "calm",
};

/** The agents that people talk with: whether they are there, and by what that is known. */
function MainAgents() {
  const { data } = useQuery(mainAgentsQuery);
  if (!data) return null;
  return (
    <section aria-label="Main agents">
      <Heading>Main agents</Heading>
      {data.length === 0 ? (
        <p className="text-ink-3">
          None was heard of within a day. <code className="font-mono text-xs">gangline chat</code> starts one.
        </p>
      ) : (
        <ul className="flex flex-col gap-2">
          {data.map((agent) => (
            <li
              key={agent.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-lg border border-line bg-surface px-4 py-2.5"
            >
              <span className="font-medium">{plain(agent.name) || "a main agent"}</span>
              <Tag tone={TONE_OF_PRESENCE[agent.presence]}>{agent.text}</Tag>
              {agent.waits && <span className="text-xs text-ink-3">waits for events</span>}
              <span className="ml-auto flex flex-wrap gap-x-3 text-xs text-ink-3">
                <span>
                  for {plain(agent.person) || "nobody named"}, by {plain(agent.via)}
                </span>
                <span title="When it last used one of Gangline's tools">
                  heard <Age us={agent.called_us} /> ago, by its calls
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Workers({ tickets, nodes }: { tickets: TicketView[]; nodes: NodeView[] }) {
  const pulses = useMemo(() => pulsesOf(nodes), [nodes]);
  const details = useQueries({
    queries: tickets.slice(0, DETAILS_MAX).map((ticket) => ticketQuery(ticket)),
    combine: (results) =>
      new Map(results.flatMap(({ data }) => (data ? [[nameOf(data), data] as const] : []))),
  });
  return (
    <section>
      <Heading>At work</Heading>
      {tickets.length === 0 ? (
        <Empty title="No agent is at work" />
      ) : (
        <ul className="flex flex-col gap-2" aria-label="At work">
          {tickets.map((ticket) => (
            <Worker
              key={nameOf(ticket)}
              ticket={ticket}
              pulse={pulses.get(nameOf(ticket))}
              detail={details.get(nameOf(ticket))}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function Worker({
  ticket,
  pulse,
  detail,
}: {
  ticket: TicketView;
  pulse: JobPulse | undefined;
  detail: TicketDetail | undefined;
}) {
  const wish = useWish();
  const forbidden = useWhyNot()("L1");
  const left = lastCommit(detail);
  return (
    <li
      data-worker={nameOf(ticket)}
      tabIndex={-1}
      className="grid items-center gap-x-4 gap-y-1 rounded-lg border border-line bg-surface px-4 py-2.5 focus:border-accent focus:outline-none md:grid-cols-[minmax(0,1fr)_auto]"
    >
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-3 text-xs text-ink-3">
          <span className="font-medium text-ink">{plain(ticket.agent)}</span>
          <State state={ticket.state} />
          <Link to={pathOf(ticket)} className="min-w-0 truncate hover:underline">
            <span className="font-mono">{ticket.key}</span> {plain(ticket.title)}
          </Link>
        </p>
        <p className="truncate font-mono text-xs text-ink-2">
          {plain(pulse?.current ?? ticket.activity ?? ticket.wait.text)}
        </p>
        <p className="flex flex-wrap gap-x-3 text-xs text-ink-3">
          {detail?.branch && <span className="truncate font-mono">{detail.branch}</span>}
          {left && (
            <span title="The last commit that was kept of its attempts">
              commit <code className="font-mono">{short(left.commit)}</code>
              {left.atUs && (
                <>
                  {" "}
                  kept <Age us={left.atUs} /> ago
                </>
              )}
            </span>
          )}
          {cost(detail?.usage) && <span className="figures">{cost(detail?.usage)}</span>}
          {pulse && pulse.last_activity_us > 0 && (
            <span title="When the job's journal last grew, as its node says">
              heard <Age us={pulse.last_activity_us} /> ago, by its journal
            </span>
          )}
          {ticket.alerts?.map((alert) => (
            <Tag key={alert.kind} tone="attention">
              {alert.text}
            </Tag>
          ))}
        </p>
      </div>
      <div className="flex gap-2">
        <Link
          to={`${pathOf(ticket)}/transcript`}
          data-follow
          aria-keyshortcuts="f"
          className="inline-flex h-8 items-center gap-2 rounded-md border border-line bg-raised px-3 text-sm hover:border-line-strong hover:bg-hover pointer-coarse:h-10"
        >
          Follow <Key>f</Key>
        </Link>
        {ticket.state === "working" && (
          <Button onClick={() => void wish(ticket, { act: "stop" })} forbidden={forbidden}>
            Stop
          </Button>
        )}
      </div>
    </li>
  );
}
