// One need in full: why, what was measured, and what can be done about it.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { toast } from "sonner";
import { ActBar } from "../../acting/ActBar";
import { given, type Packet, type TicketView } from "../../api";
import { client } from "../../data/daemon";
import { useWhyNot } from "../../data/me";
import { packetQuery, useTickets } from "../../data/queries";
import { tellFailure, useWish } from "../../data/wishes";
import { cost, count } from "../../model/amount";
import { heldUpBy, type Need } from "../../model/needs";
import { plain, plainBlock } from "../../model/plain";
import { pathOf } from "../../shell/paths";
import { Age, Button, Forbidden, Heading } from "../../ui/basics";
import { useKeys } from "../../ui/keys";
import { State } from "../../ui/Mark";
import { Priority } from "../../ui/Priority";
import { Lines, Report } from "../evidence/Checks";
import { Files } from "../evidence/Files";

export function NeedPanel({ need, inline = false }: { need: Need; inline?: boolean }) {
  const room = inline ? "px-2.5 pt-1 pb-4" : "mx-auto max-w-3xl px-6 py-5 xl:px-10";
  return (
    <div className={room}>
      {"ticket" in need.about ? (
        <OfTicket need={need} ticket={need.about.ticket} inline={inline} />
      ) : "node" in need.about ? (
        <OfNode need={need} node={need.about.node} inline={inline} />
      ) : (
        <OfKind need={need} kind={need.about.kind} inline={inline} />
      )}
    </div>
  );
}

function OfTicket({ need, ticket, inline }: { need: Need; ticket: TicketView; inline: boolean }) {
  const { data: packet } = useQuery(packetQuery(ticket));
  return (
    <article aria-label={`${ticket.key} ${need.word}`} className={inline ? "pt-2" : ""}>
      <header className={inline ? "pl-3" : ""}>
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-3">
          <Link
            to={pathOf(ticket)}
            className={
              inline
                ? "py-1 font-medium text-accent"
                : "font-mono text-ink-2 hover:text-accent hover:underline"
            }
          >
            {inline ? `Open ${ticket.key}` : ticket.key}
          </Link>
          <State state={ticket.state} />
          <Priority priority={ticket.priority} />
          <span>{ticket.agent}</span>
          <span className="figures">
            {ticket.tries_spent} of {ticket.tries} tries spent
          </span>
          <span className="figures">{cost(packet?.ticket.usage)}</span>
        </p>
        {/* In its row, title and reason stand above. */}
        {!inline && (
          <h2 className="told mt-1 text-xl font-semibold tracking-tight">
            <Link to={pathOf(ticket)} className="hover:underline">
              {need.title}
            </Link>
          </h2>
        )}
      </header>
      {!inline && <p className="told mt-2 text-base text-ink-2">{need.why}</p>}
      {packet && <Decision need={need} packet={packet} inline={inline} />}
      {need.holdsUp.length > 0 && <HoldsUp project={ticket.project} keys={need.holdsUp} />}
    </article>
  );
}

function Decision({ need, packet, inline }: { need: Need; packet: Packet; inline: boolean }) {
  const detail = packet.ticket;
  return (
    <div className={`mt-4 flex flex-col gap-5 ${inline ? "pl-3" : ""}`}>
      {need.word === "question" && <OneClick packet={packet} />}
      <ActBar detail={detail} actions={packet.actions} />
      {detail.report && need.word !== "question" && <Report report={detail.report} of={detail} brief />}
      {need.word === "escalated" && <Failures packet={packet} />}
      {packet.diff && need.word === "review" && <Files diff={packet.diff} to={`${pathOf(detail)}/diff`} />}
      {(need.word === "silent" || need.word === "uncommitted") && detail.activity && (
        <div>
          <Heading>Last heard</Heading>
          <p className="told font-mono text-xs text-ink-2">{plain(detail.activity)}</p>
        </div>
      )}
    </div>
  );
}

/** Answers that the agent offers: a click each. */
function OneClick({ packet: { ticket } }: { packet: Packet }) {
  const wish = useWish();
  const forbidden = useWhyNot()("L1");
  const question = ticket.questions[0];
  if (!question || question.options.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {question.options.map((option) => (
        <Button
          key={option}
          onClick={() => void wish(ticket, { act: "answer", question: question.id, text: option })}
          className="max-w-full"
          forbidden={forbidden}
        >
          <span className="truncate">{plain(option)}</span>
        </Button>
      ))}
    </div>
  );
}

/** How each try failed. */
function Failures({ packet: { ticket } }: { packet: Packet }) {
  if (ticket.records.length === 0) return null;
  return (
    <section aria-label="Tries">
      <Heading>Tries</Heading>
      <ol className="flex flex-col gap-3">
        {ticket.records.map((record) => (
          <li key={record.job} className="border-l-2 border-line pl-3.5">
            <p className="text-xs text-ink-3">
              Try {record.try_no} · {record.class_text}
              {record.same_as && " · the same as before"}
            </p>
            <p className="told">{plainBlock(record.error).trim()}</p>
            {record.lines.length > 0 && !record.same_as && <Lines lines={record.lines} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function HoldsUp({ project, keys }: { project: string; keys: string[] }) {
  const { tickets } = useTickets(project);
  const held = tickets.filter(({ key }) => keys.includes(key));
  return (
    <section className="mt-6" aria-label="Holds up">
      <Heading>Holds up {count(keys.length, "ticket")}</Heading>
      <ul>
        {held.map((ticket) => (
          <li key={ticket.key}>
            <Link
              to={pathOf(ticket)}
              className="-mx-2 flex items-center gap-3 rounded-md px-2 py-1 hover:bg-hover pointer-coarse:py-2.5"
            >
              <State state={ticket.state} className="w-20 shrink-0 text-xs text-ink-3" />
              <span className="w-16 shrink-0 font-mono text-xs text-ink-3">{ticket.key}</span>
              <span className="truncate">{plain(ticket.title)}</span>
              <span className="ml-auto shrink-0 text-xs text-ink-3">
                <Age us={ticket.since_us} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function OfNode({ need, node, inline }: { need: Need; node: string; inline: boolean }) {
  return (
    <article aria-label={`${node} short`} className={inline ? "pl-3" : ""}>
      {!inline && (
        <>
          <h2 className="text-xl font-semibold tracking-tight">{need.title}</h2>
          <p className="told mt-2 text-base text-ink-2">{need.why}</p>
        </>
      )}
      <p className="mt-2 text-ink-3">
        Nothing is ended or kept from starting by it. What helps is told by the{" "}
        <Link to="/settings#check-up" className="text-accent underline underline-offset-2">
          check-up
        </Link>{" "}
        of the daemon's machine, and on each one by
      </p>
      <pre className="mt-2 inline-block rounded-md border border-line bg-surface px-3 py-1.5 font-mono text-xs">
        gangline doctor
      </pre>
    </article>
  );
}

function OfKind({ need, kind, inline }: { need: Need; kind: string; inline: boolean }) {
  const queries = useQueryClient();
  const { tickets } = useTickets();
  const held = heldUpBy(tickets, kind);
  const close = async () => {
    try {
      await given(client.POST("/api/v1/circuits/{kind}/close", { params: { path: { kind } } }));
      toast.success(`agent kind ${kind} is switched on`);
    } catch (error) {
      tellFailure(error);
    }
    await queries.invalidateQueries({ queryKey: ["status"] });
  };
  const forbidden = useWhyNot()("L2");
  useKeys({ u: forbidden ? undefined : ["switch the agent kind on", () => void close()] });
  return (
    <article aria-label={`${kind} broken`} className={inline ? "pl-3" : ""}>
      {!inline && (
        <>
          <h2 className="text-xl font-semibold tracking-tight">{need.title}</h2>
          <p className="told mt-2 text-base text-ink-2">{need.why}</p>
        </>
      )}
      <p className="mt-2 text-ink-3">
        No ticket is given to it until it works again. Mend it on the machine first, for example with
      </p>
      <pre className="mt-2 inline-block rounded-md border border-line bg-surface px-3 py-1.5 font-mono text-xs">
        gangline login {kind}
      </pre>
      <div className="mt-4">
        <Button look="strong" shortcut="u" onClick={() => void close()} forbidden={forbidden}>
          It works again
        </Button>
        <Forbidden why={forbidden} className="mt-2" />
      </div>
      {held.length > 0 && held[0] && <HoldsUp project={held[0].project} keys={held.map(({ key }) => key)} />}
    </article>
  );
}
