// Every ticket in a row, however many there are.

import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import type { TicketView } from "../../api";
import { type Sort, sorted } from "../../model/board";
import { nameOf } from "../../model/needs";
import { plain } from "../../model/plain";
import { pathOf } from "../../shell/paths";
import { Age, Tag } from "../../ui/basics";
import { upAndDown, useKeys } from "../../ui/keys";
import { State } from "../../ui/Mark";
import { Priority } from "../../ui/Priority";
import { useWide } from "../../ui/wide";
import { useHolding } from "./holding";

const ROW_PX = 34;
/** Of two lines, where there is no room for one. */
const TALL_ROW_PX = 58;
const COLUMNS =
  "items-center px-4 md:grid md:gap-x-3 md:grid-cols-[6.5rem_6rem_1.25rem_minmax(0,1fr)_10rem_8rem_4rem] md:px-6";
const ROW = `${COLUMNS} max-md:grid max-md:grid-cols-[auto_auto_minmax(0,1fr)_auto] max-md:content-center max-md:gap-x-3 max-md:gap-y-0.5`;

export function List({ tickets }: { tickets: TicketView[] }) {
  const navigate = useNavigate();
  const [asked, setAsked] = useSearchParams();
  const by = (asked.get("sort") ?? "state") as Sort;
  const shown = useMemo(() => sorted(tickets, by), [tickets, by]);
  const [at, setAt] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const rowPx = useWide(48) ? ROW_PX : TALL_ROW_PX;
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 20,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: when rows are as high as others are, all is measured anew
  useLayoutEffect(() => rows.measure(), [rowPx]);
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
    ...upAndDown(
      () => go(at + 1),
      () => go(at - 1),
    ),
    Home: ["to the first", () => go(0)],
    End: ["to the last", () => go(shown.length - 1)],
    Enter: ["open what is chosen", open],
    ...useHolding(() => shown[at]),
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
        <div role="row" className={`${COLUMNS} flex gap-x-5 border-y border-line`}>
          <Head by="state" title="State" now={by} onSort={sort} />
          <Head by="key" title="Key" now={by} onSort={sort} />
          <Head by="priority" title="" now={by} onSort={sort} className="max-md:hidden" />
          <span role="columnheader" className="eyebrow max-md:sr-only">
            Title
          </span>
          <span role="columnheader" className="eyebrow max-md:hidden">
            Labels
          </span>
          <Head by="agent" title="Agent" now={by} onSort={sort} className="max-md:hidden" />
          <Head by="age" title="Since" now={by} onSort={sort} className="ml-auto" />
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
                  height={rowPx}
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

interface HeadProps {
  by: Sort;
  /** What stands above the column; priorities have a sign. */
  title: string;
  now: Sort;
  onSort(by: Sort): void;
  className?: string;
}

function Head({ by, title, now, onSort, className = "" }: HeadProps) {
  const chosen = by === now;
  return (
    <span role="columnheader" aria-sort={chosen ? "ascending" : "none"} className={className}>
      <button
        type="button"
        className={`eyebrow flex items-center py-1.5 whitespace-nowrap hover:text-ink pointer-coarse:py-3 ${chosen ? "text-ink" : ""}`}
        onClick={() => onSort(by)}
      >
        {title || <span aria-hidden="true">!</span>}
        {!title && <span className="sr-only">{by}</span>}
        {chosen && (
          <span className="w-0 pl-0.5 font-normal" aria-hidden="true">
            ↑
          </span>
        )}
      </button>
    </span>
  );
}

interface RowProps {
  ticket: TicketView;
  index: number;
  start: number;
  height: number;
  chosen: boolean;
}

const Row = memo(function Row({ ticket, index, start, height, chosen }: RowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      aria-selected={chosen}
      className={`${ROW} absolute top-0 left-0 w-full border-b border-line ${chosen ? "bg-chosen" : "hover:bg-hover"}`}
      style={{ height, transform: `translateY(${start}px)` }}
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
      <span role="cell" className="truncate max-md:order-last max-md:col-span-full">
        {/* It is as large as the row. */}
        <Link to={pathOf(ticket)} tabIndex={-1} className="after:absolute after:inset-0">
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
      <span role="cell" className="text-right text-xs text-ink-3 max-md:col-start-4">
        <Age us={ticket.since_us} />
      </span>
    </div>
  );
});
