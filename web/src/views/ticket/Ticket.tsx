// One ticket: what was asked, what was claimed, what is true, and what can be done.

import { useQuery } from "@tanstack/react-query";
import { Link, NavLink, useNavigate, useParams } from "react-router";
import { ActBar } from "../../acting/ActBar";
import { type Packet, Refused, type TicketRef } from "../../api";
import { packetQuery } from "../../data/queries";
import { count, dollars, moment, tokens } from "../../model/amount";
import { plain } from "../../model/plain";
import { alertWord } from "../../model/states";
import { lazily } from "../../shell/lazily";
import { pathOf, planPath } from "../../shell/paths";
import { Age, Empty, Loading, Tag } from "../../ui/basics";
import { useKeys } from "../../ui/keys";
import { State } from "../../ui/Mark";
import { Priority } from "../../ui/Priority";
import { Overview } from "./Overview";
import { Transcript } from "./Transcript";

const DiffReview = lazily(() => import("./DiffReview"), "DiffReview");
const Brief = lazily(() => import("./Brief"), "Brief");
const History = lazily(() => import("./History"), "History");

const PARTS = [
  { part: "", title: "Overview" },
  { part: "transcript", title: "Transcript" },
  { part: "diff", title: "Diff" },
  { part: "brief", title: "Brief" },
  { part: "history", title: "History" },
];

export function Ticket() {
  const { project = "", key = "", part = "" } = useParams();
  const ticket = { project, key };
  const { data: packet, error } = useQuery(packetQuery(ticket));
  if (error && !packet) return <Missing ticket={ticket} error={error} />;
  if (!packet) return <Loading what={`Reading ${key}`} />;
  return <Known packet={packet} part={part} />;
}

function Missing({ ticket, error }: { ticket: TicketRef; error: Error }) {
  const title = error instanceof Refused ? error.message : `${ticket.key} cannot be read`;
  return <Empty title={title}>{error instanceof Refused ? error.problem.hint : error.message}</Empty>;
}

function Known({ packet, part }: { packet: Packet; part: string }) {
  const navigate = useNavigate();
  const detail = packet.ticket;
  const path = pathOf(detail);
  useKeys({
    ...Object.fromEntries(
      PARTS.map(({ part: to, title }, at) => [
        `${at + 1}`,
        [title.toLowerCase(), () => navigate(to ? `${path}/${to}` : path)] as const,
      ]),
    ),
    Escape: ["back", () => navigate(part ? path : "/")],
  });
  return (
    <div className="flex min-h-full flex-col md:h-full">
      <title>{`${detail.key} ${plain(detail.title)}`}</title>
      <header className="shrink-0 border-b border-line px-4 pt-4 md:px-8">
        <Facts packet={packet} />
        <h1 className="told mt-1 text-xl font-semibold tracking-tight">{plain(detail.title)}</h1>
        <Waits packet={packet} />
        <div className="mt-3">
          <ActBar detail={detail} actions={packet.actions} />
        </div>
        <nav aria-label="Parts of the ticket" className="mt-3 -mb-px flex gap-5 overflow-x-auto">
          {PARTS.map(({ part: to, title }) => (
            <NavLink
              key={to}
              end
              to={to ? `${path}/${to}` : path}
              className={({ isActive }) =>
                `border-b-2 py-2 text-sm whitespace-nowrap ${isActive ? "border-accent font-medium text-ink" : "border-transparent text-ink-3 hover:text-ink"}`
              }
            >
              {title}
              {to === "diff" && packet.diff && packet.diff.files.length > 0 ? (
                <span className="figures ml-1.5 text-2xs text-ink-3">{packet.diff.files.length}</span>
              ) : null}
            </NavLink>
          ))}
          {detail.deliverable === "plan" && (
            <Link
              to={planPath(detail)}
              className="border-b-2 border-transparent py-2 text-sm whitespace-nowrap text-ink-3 hover:text-ink"
            >
              What it proposed
            </Link>
          )}
        </nav>
      </header>
      <section aria-label="Content" tabIndex={0} className="min-h-0 flex-1 md:overflow-y-auto">
        <Part packet={packet} part={part} />
      </section>
    </div>
  );
}

function Part({ packet, part }: { packet: Packet; part: string }) {
  if (part === "") return <Overview packet={packet} />;
  if (part === "transcript") return <Transcript detail={packet.ticket} />;
  if (part === "diff") return <DiffReview packet={packet} />;
  if (part === "brief") return <Brief detail={packet.ticket} />;
  if (part === "history") return <History detail={packet.ticket} />;
  return <Empty title="There is no such part of a ticket" />;
}

function Facts({ packet: { ticket } }: { packet: Packet }) {
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-3">
      <span className="font-mono text-ink-2">{ticket.key}</span>
      <span>{ticket.project}</span>
      <State state={ticket.state} className="font-medium text-ink-2" />
      <span title={moment(ticket.since_us)}>
        for <Age us={ticket.since_us} />
      </span>
      <Priority priority={ticket.priority} />
      {ticket.agent && <span>{ticket.agent}</span>}
      <span className="figures">
        {ticket.tries_spent} of {count(ticket.tries, "try", "tries")} spent
      </span>
      {ticket.usage.tokens > 0 && (
        <span className="figures">
          {dollars(ticket.usage.cost_microusd)} · {tokens(ticket.usage.tokens)}
        </span>
      )}
      {ticket.labels.map((label) => (
        <Tag key={label}>{plain(label)}</Tag>
      ))}
      {ticket.alerts?.map((alert) => (
        <span key={alert.kind} title={plain(alert.text)}>
          <Tag tone="attention">{alertWord(alert)}</Tag>
        </span>
      ))}
    </p>
  );
}

function Waits({ packet: { ticket } }: { packet: Packet }) {
  const { wait, activity } = ticket;
  if (activity) {
    return (
      <p className="told mt-1 font-mono text-xs text-ink-2" aria-live="polite">
        {plain(activity)}
      </p>
    );
  }
  if (wait.for === "nothing" || !wait.text) return null;
  return (
    <p className="told mt-1 text-ink-3">
      waits for {plain(wait.text)}
      {wait.until_us ? `, until ${moment(wait.until_us)}` : ""}
    </p>
  );
}
