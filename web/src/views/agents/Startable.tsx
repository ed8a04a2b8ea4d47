// Who is not at work, and would be: tickets that a person holds, and drafts.

import { useMemo } from "react";
import { Link } from "react-router";
import type { TicketView } from "../../api";
import { useWhyNot } from "../../data/me";
import { useWish } from "../../data/wishes";
import { ACTS } from "../../model/acts";
import { nameOf } from "../../model/needs";
import { plain } from "../../model/plain";
import { pathOf } from "../../shell/paths";
import { Age, Button, Heading } from "../../ui/basics";
import { State } from "../../ui/Mark";

/** More are found in the list of all tickets. */
const SHOWN_MAX = 8;
const BY_STATE = new Map<string, "resume" | "start">([
  ["held", "resume"],
  ["draft", "start"],
]);

export function Startable({ tickets }: { tickets: TicketView[] }) {
  const startable = useMemo(
    () =>
      tickets.filter(({ state }) => BY_STATE.has(state)).sort((one, other) => other.since_us - one.since_us),
    [tickets],
  );
  if (startable.length === 0) return null;
  const more = startable.length - SHOWN_MAX;
  return (
    <section>
      <Heading>Can be started</Heading>
      <ul className="flex flex-col gap-2" aria-label="Can be started">
        {startable.slice(0, SHOWN_MAX).map((ticket) => (
          <Row key={nameOf(ticket)} ticket={ticket} act={BY_STATE.get(ticket.state) ?? "resume"} />
        ))}
      </ul>
      {more > 0 && (
        <p className="pt-2 text-xs text-ink-3">
          {more} more are{" "}
          <Link to="/board/list" className="underline">
            in the list
          </Link>
          .
        </p>
      )}
    </section>
  );
}

function Row({ ticket, act }: { ticket: TicketView; act: "resume" | "start" }) {
  const wish = useWish();
  const { label, help, needs } = ACTS[act];
  const forbidden = useWhyNot()(needs);
  return (
    <li
      data-startable={nameOf(ticket)}
      tabIndex={-1}
      className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg border border-line bg-surface px-4 py-2.5 text-xs text-ink-3 focus:border-accent focus:outline-none"
    >
      <span className="font-medium text-ink">{plain(ticket.agent)}</span>
      <State state={ticket.state} />
      <Link to={pathOf(ticket)} className="min-w-0 flex-1 truncate hover:underline">
        <span className="font-mono">{ticket.key}</span> {plain(ticket.title)}
      </Link>
      <span>
        for <Age us={ticket.since_us} />
      </span>
      <Button data-act="start" title={help} onClick={() => void wish(ticket, { act })} forbidden={forbidden}>
        {label}
      </Button>
    </li>
  );
}
