// Every ticket in a row, however many there are.

import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import type { TicketView } from "../../api";
import { type Sort, sorted } from "../../model/board";
import { nameOf } from "../../model/needs";
import { plain } from "../../model/plain";
import { pathOf } from "../../shell/paths";
import { Age, Tag } from "../../ui/basics";
import { useKeys } from "../../ui/keys";
import { State } from "../../ui/Mark";
import { Priority } from "../../ui/Priority";

const ROW_PX = 34;
const GRID =
  "grid grid-cols-[5.75rem_4.25rem_minmax(0,1fr)_3.25rem] items-center gap-x-2 px-4 md:gap-x-3 md:grid-cols-[6.5rem_6rem_1.25rem_minmax(0,1fr)_10rem_8rem_4rem] md:px-6";
const HEADS: { by: Sort; title: string; wide?: boolean }[] = [
  { by: "state", title: "State" },
  { by: "key", title: "Key" },
  { by: "priority", title: "" },
];

export function List({ tickets }: { tickets: TicketView[] }) {
  const navigate = useNavigate();
  const [asked, setAsked] = useSearchParams();
  const by = (asked.get("sort") ?? "state") as Sort;
  const shown = useMemo(() => sorted(tickets, by), [tickets, by]);
  const [at, setAt] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 20,
  });
  const go = (to: number) => {
    const next = Math.max(0, Math.min(to, shown.length - 1));
    setAt(next);
    rows.scrollToIndex(next);
    // The keys that follow are meant for the list.
    scroller.current?.focus({ preventScroll: true });
  };
  const open = () => {
    const ticket = shown[at];
    if (ticket) navigate(pathOf(ticket));
  };
  useKeys({
    j: () => go(at + 1),
    ArrowDown: () => go(at + 1),
    k: () => go(at - 1),
    ArrowUp: () => go(at - 1),
    Home: () => go(0),
    End: () => go(shown.length - 1),
    Enter: open,
  });
  const sort = (to: Sort) =>
    setAsked((before) => {
      const next = new URLSearchParams(before);
      next.set("sort", to);
      return next;
    });
  return (
    <div className="flex h-full flex-col" role="table" aria-label="Tickets" aria-rowcount={shown.length}>
      <div role="rowgroup">
        <div role="row" className={`${GRID} border-y border-line py-1.5`}>
          {HEADS.map((head) => (
            <Head key={head.by} {...head} chosen={by === head.by} onSort={() => sort(head.by)} />
          ))}
          <span role="columnheader" className="eyebrow">
            Title
          </span>
          <span role="columnheader" className="eyebrow max-md:hidden">
            Labels
          </span>
          <span
            role="columnheader"
            aria-sort={by === "agent" ? "ascending" : "none"}
            className="max-md:hidden"
          >
            <button type="button" className="eyebrow hover:text-ink" onClick={() => sort("agent")}>
              Agent
            </button>
          </span>
          <span role="columnheader" aria-sort={by === "age" ? "ascending" : "none"} className="text-right">
            <button type="button" className="eyebrow hover:text-ink" onClick={() => sort("age")}>
              Since
            </button>
          </span>
        </div>
      </div>
      <div ref={scroller} role="rowgroup" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto">
        <div
          role="presentation"
          className="relative"
          ref={(box) => box?.style.setProperty("height", `${rows.getTotalSize()}px`)}
        >
          {rows.getVirtualItems().map((row) => {
            const ticket = shown[row.index];
            return (
              ticket && (
                <Row
                  key={nameOf(ticket)}
                  ticket={ticket}
                  index={row.index}
                  start={row.start}
                  chosen={row.index === at}
                />
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Head({ title, by, chosen, onSort }: { title: string; by: Sort; chosen: boolean; onSort(): void }) {
  return (
    <span
      role="columnheader"
      aria-sort={chosen ? "ascending" : "none"}
      className={by === "priority" ? "max-md:hidden" : ""}
    >
      <button type="button" className={`eyebrow hover:text-ink ${chosen ? "text-ink" : ""}`} onClick={onSort}>
        {title || <span aria-hidden="true">!</span>}
        {!title && <span className="sr-only">{by}</span>}
      </button>
    </span>
  );
}

function Row({
  ticket,
  index,
  start,
  chosen,
}: {
  ticket: TicketView;
  index: number;
  start: number;
  chosen: boolean;
}) {
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      aria-selected={chosen}
      className={`${GRID} absolute top-0 left-0 w-full border-b border-line ${chosen ? "bg-chosen" : "hover:bg-hover"}`}
      style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
    >
      <span role="cell" className="flex items-center text-xs">
        <State state={ticket.state} />
      </span>
      <span role="cell" className="truncate font-mono text-xs text-ink-3">
        {ticket.key}
      </span>
      <span role="cell" className="flex items-center max-md:hidden">
        <Priority priority={ticket.priority} />
      </span>
      <span role="cell" className="truncate">
        <Link to={pathOf(ticket)} tabIndex={-1} className="hover:underline">
          {plain(ticket.title)}
        </Link>
      </span>
      <span role="cell" className="flex gap-1 overflow-hidden max-md:hidden">
        {ticket.labels.map((label) => (
          <Tag key={label}>{plain(label)}</Tag>
        ))}
      </span>
      <span role="cell" className="truncate text-xs text-ink-3 max-md:hidden">
        {plain(ticket.agent)}
      </span>
      <span role="cell" className="text-right text-xs text-ink-3">
        <Age us={ticket.since_us} />
      </span>
    </div>
  );
}
