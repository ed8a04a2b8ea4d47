// A ticket on the board: what it is, who is at it, what is heard of it, and for how long.

import { type DragEvent, memo } from "react";
import { Link } from "react-router";
import type { JobPulse, TicketView } from "../../api";
import { isClosed } from "../../model/acts";
import { clock } from "../../model/amount";
import { asks } from "../../model/board";
import { nameOf } from "../../model/needs";
import { plain } from "../../model/plain";
import { alertWord } from "../../model/states";
import { pathOf } from "../../shell/paths";
import { Age, Tag } from "../../ui/basics";
import { Mark } from "../../ui/Mark";
import { Priority } from "../../ui/Priority";

interface CardProps {
  ticket: TicketView;
  pulse: JobPulse | undefined;
  draggable: boolean;
  onDragStart(event: DragEvent): void;
  onDragEnd(): void;
}

export const Card = memo(
  function Card({ ticket, pulse, draggable, onDragStart, onDragEnd }: CardProps) {
    const { key, title, state, since_us, priority, labels, agent, alerts = [], tries_spent, tries } = ticket;
    return (
      <Link
        to={pathOf(ticket)}
        data-card={nameOf(ticket)}
        draggable={draggable}
        onDragStart={onDragStart}
        onDragEnd={onDragEnd}
        className="flex flex-col gap-1 rounded-md border border-line bg-surface px-3 py-2 -outline-offset-1 hover:border-line-strong"
      >
        <span className="flex items-center gap-1.5 text-2xs text-ink-3">
          <Mark state={asks(ticket) ? "question" : state} />
          <span className="font-mono">{key}</span>
          <span className="sr-only">{state}</span>
          <span className="ml-auto flex items-center gap-2">
            {tries_spent > 0 && (
              <span className="figures" title={`${tries_spent} of ${tries} tries spent`}>
                {tries_spent}/{tries}
              </span>
            )}
            <Age us={since_us} />
            <Priority priority={priority} />
          </span>
        </span>
        <span className="told line-clamp-2">{plain(title)}</span>
        <Doing ticket={ticket} pulse={pulse} />
        {(labels.length > 0 || agent || alerts.length > 0) && (
          <span className="flex items-center gap-2 text-2xs text-ink-3">
            {/* One line of them: what does not fit is not there. */}
            <span
              className="flex h-4 min-w-0 flex-1 flex-wrap gap-1 overflow-hidden"
              title={labels.join(", ")}
            >
              {alerts.map((alert) => (
                <Tag key={alert.kind} tone="attention">
                  {alertWord(alert)}
                </Tag>
              ))}
              {labels.map((label) => (
                <Tag key={label}>{plain(label)}</Tag>
              ))}
            </span>
            <span className="max-w-1/2 shrink-0 truncate">{plain(agent)}</span>
          </span>
        )}
      </Link>
    );
  },
  (before, after) =>
    before.ticket === after.ticket &&
    before.draggable === after.draggable &&
    before.pulse?.current === after.pulse?.current &&
    before.pulse?.last_activity_us === after.pulse?.last_activity_us,
);

/** The tool call it is at, and how old the proof of that is; or what it waits for. */
function Doing({ ticket, pulse }: { ticket: TicketView; pulse: JobPulse | undefined }) {
  const { state, wait } = ticket;
  if (pulse && (state === "working" || state === "verifying" || state === "landing")) {
    return (
      <span className="flex items-baseline gap-2 font-mono text-2xs text-ink-2">
        <span className="truncate">{plain(pulse.current)}</span>
        {pulse.last_activity_us > 0 && (
          <span
            className="ml-auto shrink-0 font-sans text-ink-3"
            title="When it was last heard doing something"
          >
            <Age us={pulse.last_activity_us} /> ago
          </span>
        )}
      </span>
    );
  }
  if (isClosed(state) || wait.for === "nothing" || wait.for === "person" || !wait.text) return null;
  return (
    <span className="truncate text-2xs text-ink-3" title={plain(wait.text)}>
      waits for {plain(wait.text)}
      {wait.until_us ? ` to ${clock(wait.until_us).slice(0, 5)}` : ""}
    </span>
  );
}
