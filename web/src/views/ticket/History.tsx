// Everything that happened to the ticket, the newest first, and who was at work on it.

import { useQuery } from "@tanstack/react-query";
import type { TicketDetail } from "../../api";
import { eventsOfQuery } from "../../data/queries";
import { clock, day, moment, short } from "../../model/amount";
import { plainBlock } from "../../model/plain";
import { Loading } from "../../ui/basics";

export function History({ detail }: { detail: TicketDetail }) {
  const { data } = useQuery(eventsOfQuery(detail));
  if (!data) return <Loading what="Reading what happened" />;
  const events = data.toReversed();
  return (
    <ol className="max-w-4xl px-4 py-4 md:px-8" aria-label="What happened">
      {events.map((event, at) => (
        <li
          key={event.seq}
          className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-x-4 border-b border-line py-1.5 last:border-b-0 sm:grid-cols-[4.5rem_minmax(0,1fr)_auto]"
        >
          {day(event.at_us) !== day(events[at - 1]?.at_us ?? 0) && (
            <span className="eyebrow col-span-full pt-3 pb-2">{day(event.at_us)}</span>
          )}
          <time
            className="figures text-xs leading-5 text-ink-3"
            dateTime={new Date(event.at_us / 1_000).toISOString()}
            title={moment(event.at_us)}
          >
            {clock(event.at_us)}
          </time>
          <span className="told">
            {plainBlock(event.text)}{" "}
            {event.commit && !event.text.includes(short(event.commit)) && (
              <code className="font-mono text-xs text-ink-3">{short(event.commit)}</code>
            )}
          </span>
          <span className="text-xs leading-5 text-ink-3 max-sm:col-start-2">
            {event.actor.replace(/^person:/, "")}
          </span>
        </li>
      ))}
    </ol>
  );
}
