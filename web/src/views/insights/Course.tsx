// The course of a day: a row for each ticket, with a bar for whatever it was at.

import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { useSearchParams } from "react-router";
import { courseQuery } from "../../data/course";
import { useSaid } from "../../data/now";
import { historyQuery } from "../../data/queries";
import { course, STAGES } from "../../model/course";
import { isoDay } from "../../model/insights";
import { nameOf } from "../../model/needs";
import { useProject } from "../../shell/project";
import { Button, Empty, Loading } from "../../ui/basics";
import { Page } from "../../ui/Page";
import { Bars, type TitledRow } from "./Bars";
import { BarsTable } from "./BarsTable";

const DAY_MS = 86_400_000;
const NOW_STEP_MS = 10_000;
/** Rows that are drawn. */
const ROWS_MAX = 300;

const dayOf = (ms: number) => Math.floor(ms / DAY_MS) * DAY_MS;

/** The day that is asked for, in milliseconds; today if none is, or one that is none. */
function chosenDay(asked: string | null, today: number): number {
  const ms = asked && /^\d{4}-\d{2}-\d{2}$/.test(asked) ? Date.parse(`${asked}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(ms) ? today : Math.min(ms, today);
}

export function Course({ parts }: { parts: ReactNode }) {
  const [asked, setAsked] = useSearchParams();
  // What goes on grows, but need not do so every second.
  const now = useSaid((nowMs) => Math.floor(nowMs / NOW_STEP_MS) * NOW_STEP_MS);
  const today = dayOf(now);
  const day = chosenDay(asked.get("day"), today);
  const choose = (ms: number) =>
    setAsked((before) => {
      const next = new URLSearchParams(before);
      if (ms >= today) next.delete("day");
      else next.set("day", isoDay(ms));
      return next;
    });
  return (
    <Page
      title="Insights"
      about="What each ticket was at on a day, in UTC"
      right={
        <div className="flex flex-wrap items-center gap-3">
          {parts}
          <DayPicker day={day} today={today} onChoose={choose} />
        </div>
      }
    >
      <OfDay day={day} now={now} />
    </Page>
  );
}

function DayPicker({ day, today, onChoose }: { day: number; today: number; onChoose(ms: number): void }) {
  return (
    <div className="flex items-center gap-1">
      <Button
        look="quiet"
        className="px-1.5"
        aria-label="The day before"
        onClick={() => onChoose(day - DAY_MS)}
      >
        <ChevronLeft className="size-4" aria-hidden="true" />
      </Button>
      <input
        type="date"
        aria-label="Day"
        value={isoDay(day)}
        max={isoDay(today)}
        onChange={(event) => {
          if (event.target.value) onChoose(chosenDay(event.target.value, today));
        }}
        className="figures picker pe-2"
      />
      <Button
        look="quiet"
        className="px-1.5"
        aria-label="The day after"
        disabled={day >= today}
        onClick={() => onChoose(day + DAY_MS)}
      >
        <ChevronRight className="size-4" aria-hidden="true" />
      </Button>
    </div>
  );
}

function OfDay({ day, now }: { day: number; now: number }) {
  const [project] = useProject();
  const fromUs = day * 1_000;
  const toUs = (day + DAY_MS) * 1_000;
  const { data, error } = useQuery(courseQuery(fromUs));
  const { data: tickets } = useQuery(historyQuery);
  const rows = useMemo(() => {
    const titles = new Map(tickets?.map((ticket) => [nameOf(ticket), ticket.title]));
    return course(data?.events ?? [], fromUs, toUs, now * 1_000)
      .filter((row) => !project || row.project === project)
      .map((row): TitledRow => ({ ...row, title: titles.get(nameOf(row)) ?? "" }));
  }, [data, tickets, project, fromUs, toUs, now]);
  if (error && !data) return <Empty title="The events cannot be read">{error.message}</Empty>;
  if (!data) return <Loading what="Reading the day" />;
  if (rows.length === 0)
    return (
      <Empty title="No ticket was at anything">On this day nothing was worked on, verified or landed.</Empty>
    );
  const shown = rows.slice(0, ROWS_MAX);
  return (
    <div className="flex flex-col gap-5">
      <Legend />
      <Bars key={day} rows={shown} fromUs={fromUs} toUs={toUs} />
      {(data.cut || rows.length > shown.length) && (
        <p className="text-xs text-ink-3">
          {data.cut
            ? "There was more on this day than is read here."
            : `The first ${ROWS_MAX} of ${rows.length} tickets.`}
        </p>
      )}
      <BarsTable rows={shown} />
    </div>
  );
}

function Legend() {
  return (
    <p className="flex flex-wrap gap-4 text-xs text-ink-3">
      {Object.values(STAGES).map(({ title, ink }) => (
        <span key={title} className="inline-flex items-center gap-1.5">
          <span className="h-2 w-3.5 rounded-sm" style={{ background: `var(${ink})` }} aria-hidden="true" />
          {title}
        </span>
      ))}
    </p>
  );
}
