// Columns of cards. A card is dragged to be held, or to go on; its keys do the same.

import { useVirtualizer } from "@tanstack/react-virtual";
import { type DragEvent, useMemo, useRef, useState } from "react";
import type { JobPulse, TicketView } from "../../api";
import { useWhyNot } from "../../data/me";
import { useWish } from "../../data/wishes";
import { isClosed } from "../../model/acts";
import { whole } from "../../model/amount";
import { columns, dropped, type Lanes, lanes, prioritised } from "../../model/board";
import { nameOf } from "../../model/needs";
import { COLUMNS } from "../../model/states";
import { pulsesOf, useStatus } from "../../shell/status";
import { useKeys } from "../../ui/keys";
import { Card } from "./Card";
import { useHolding } from "./holding";
import { walking } from "./walk";

const CARD_PX = 92;
/** Cards that a column of a lane shows; the list has all. */
const LANE_CARDS_MAX = 20;
const NOT_HERE = "application/x-gangline-ticket";

interface Dragging {
  /** Whether who looks may hold tickets, and let them go on. */
  may: boolean;
  dragged: TicketView | null;
  onDrag(ticket: TicketView | null): void;
  onDrop(column: string, lane?: string): void;
  /** What dropping on a column of a lane does, in words. */
  would(column: string, lane?: string): string | null;
}

export function Cards({ tickets, by }: { tickets: TicketView[]; by: Lanes }) {
  const { nodes } = useStatus();
  const pulses = useMemo(() => pulsesOf(nodes), [nodes]);
  const wish = useWish();
  const [dragged, setDragged] = useState<TicketView | null>(null);
  const may = useWhyNot()("L1") === null;
  const dragging: Dragging = {
    may,
    dragged,
    onDrag: setDragged,
    onDrop(column, lane = "") {
      if (!dragged) return;
      const [priority, act] = [prioritised(dragged, by, lane), dropped(dragged, column)];
      if (priority) void wish(dragged, { act: "edit", edit: { priority } });
      else if (act) void wish(dragged, { act });
      setDragged(null);
    },
    would(column, lane = "") {
      if (!dragged) return null;
      const priority = prioritised(dragged, by, lane);
      return priority ? `make it ${priority}` : dropped(dragged, column);
    },
  };
  const all = useMemo(() => (by === "none" ? [] : lanes(tickets, by)), [tickets, by]);
  const standing = useMemo(() => (by === "none" ? columns(tickets) : []), [tickets, by]);
  const box = useRef<HTMLDivElement>(null);
  const chosen = () => {
    const name = document.activeElement?.closest<HTMLElement>("[data-card]")?.dataset.card;
    return tickets.find((ticket) => nameOf(ticket) === name);
  };
  useKeys({ ...walking(box), ...useHolding(chosen) });
  if (by === "none") {
    return (
      <div
        ref={box}
        className="flex h-full snap-x scroll-px-2 gap-px overflow-x-auto px-2 md:scroll-px-4 md:px-4"
      >
        {standing.map((column, at) => (
          <Column key={COLUMNS[at]?.title} at={at} tickets={column} pulses={pulses} dragging={dragging} />
        ))}
      </div>
    );
  }
  return (
    <div ref={box} className="h-full overflow-auto px-2 md:px-4">
      {all.map((lane) => (
        <Lane key={lane.name} name={lane.name} tickets={lane.tickets} pulses={pulses} dragging={dragging} />
      ))}
    </div>
  );
}

interface ColumnProps {
  at: number;
  tickets: TicketView[];
  pulses: Map<string, JobPulse>;
  dragging: Dragging;
}

/** What makes a column a place to drop on. */
function useDrop(title: string, { would, onDrop }: Dragging, lane?: string) {
  const [over, setOver] = useState(false);
  const act = would(title, lane);
  return {
    act,
    over: over && act !== null,
    handlers: {
      onDragOver(event: DragEvent) {
        if (!act || !event.dataTransfer.types.includes(NOT_HERE)) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop(event: DragEvent) {
        event.preventDefault();
        setOver(false);
        onDrop(title, lane);
      },
    },
  };
}

function Column({ at, tickets, pulses, dragging }: ColumnProps) {
  const { title = "", empty = "" } = COLUMNS[at] ?? {};
  const scroller = useRef<HTMLDivElement>(null);
  const { act, over, handlers } = useDrop(title, dragging);
  const rows = useVirtualizer({
    count: tickets.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => CARD_PX,
    getItemKey: (n) => (tickets[n] ? nameOf(tickets[n]) : n),
    overscan: 6,
  });
  return (
    <section
      aria-label={title}
      {...handlers}
      className={`flex w-[17.5rem] shrink-0 snap-start flex-col rounded-lg px-1.5 max-sm:w-[86vw] xl:w-0 xl:min-w-0 xl:flex-1 ${over ? "bg-chosen" : act ? "bg-sunken" : ""}`}
    >
      <h2 className="flex items-baseline gap-2 px-1.5 py-1.5 text-xs font-semibold text-ink-2">
        {title}
        <span className="figures font-normal text-ink-3">{whole(tickets.length)}</span>
        {act && <span className="ml-auto font-normal text-accent">drop to {act}</span>}
      </h2>
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto pb-4" tabIndex={-1}>
        {tickets.length === 0 && <p className="px-1.5 py-2 text-xs text-ink-3">{empty}</p>}
        <ul className="relative" ref={(box) => box?.style.setProperty("height", `${rows.getTotalSize()}px`)}>
          {rows.getVirtualItems().map((row) => {
            const ticket = tickets[row.index];
            return (
              ticket && (
                <li
                  key={row.key}
                  data-index={row.index}
                  ref={rows.measureElement}
                  className="absolute top-0 left-0 w-full pb-1.5"
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <Dragged ticket={ticket} pulses={pulses} dragging={dragging} />
                </li>
              )
            );
          })}
        </ul>
      </div>
    </section>
  );
}

function Dragged({
  ticket,
  pulses,
  dragging,
}: {
  ticket: TicketView;
  pulses: Map<string, JobPulse>;
  dragging: Dragging;
}) {
  return (
    <Card
      ticket={ticket}
      pulse={pulses.get(nameOf(ticket))}
      draggable={dragging.may && !isClosed(ticket.state)}
      onDragStart={(event) => {
        event.dataTransfer.setData(NOT_HERE, nameOf(ticket));
        event.dataTransfer.effectAllowed = "move";
        dragging.onDrag(ticket);
      }}
      onDragEnd={() => dragging.onDrag(null)}
    />
  );
}

function Lane({
  name,
  tickets,
  pulses,
  dragging,
}: {
  name: string;
  tickets: TicketView[];
  pulses: Map<string, JobPulse>;
  dragging: Dragging;
}) {
  const standing = useMemo(() => columns(tickets), [tickets]);
  return (
    // A lane out of sight is not laid out.
    <section
      aria-label={name}
      className="border-b border-line py-3 [contain-intrinsic-size:auto_24rem] [content-visibility:auto]"
    >
      <h2 className="sticky left-0 px-1.5 pb-1.5 text-sm font-semibold">
        {name} <span className="figures font-normal text-ink-3">{whole(tickets.length)}</span>
      </h2>
      <div className="flex gap-px">
        {standing.map((column, at) => (
          <LaneColumn
            key={COLUMNS[at]?.title}
            lane={name}
            at={at}
            tickets={column}
            pulses={pulses}
            dragging={dragging}
          />
        ))}
      </div>
    </section>
  );
}

function LaneColumn({ lane, at, tickets, pulses, dragging }: ColumnProps & { lane: string }) {
  const title = COLUMNS[at]?.title ?? "";
  const { act, over, handlers } = useDrop(title, dragging, lane);
  return (
    <div
      {...handlers}
      data-column={title}
      className={`w-[17.5rem] shrink-0 rounded-lg px-1.5 xl:w-0 xl:min-w-0 xl:flex-1 ${over ? "bg-chosen" : act ? "bg-sunken" : ""}`}
    >
      <h3 className="px-1.5 pb-1 text-2xs text-ink-3">{title}</h3>
      <ul className="flex flex-col gap-1.5">
        {tickets.slice(0, LANE_CARDS_MAX).map((ticket) => (
          <li key={nameOf(ticket)}>
            <Dragged ticket={ticket} pulses={pulses} dragging={dragging} />
          </li>
        ))}
      </ul>
      {tickets.length > LANE_CARDS_MAX && (
        <p className="px-1.5 pt-1 text-xs text-ink-3">
          {whole(tickets.length - LANE_CARDS_MAX)} more in the list
        </p>
      )}
    </div>
  );
}
