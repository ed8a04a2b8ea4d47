// Bars along the hours. One of them has the focus; arrows lead to the others.

import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { Link } from "react-router";
import { span, utc } from "../../model/amount";
import { type Axis, axis, type Bar, type Row, STAGES } from "../../model/course";
import { nameOf } from "../../model/needs";
import { plain } from "../../model/plain";
import { pathOf } from "../../shell/paths";

export interface TitledRow extends Row {
  title: string;
}

/** What a bar means, in words. */
export function inWords(bar: Bar): string {
  const from = bar.earlier ? "from before" : utc(bar.fromUs);
  const to = bar.end === null ? "goes on" : `to ${utc(bar.toUs)}`;
  const took = `${span((bar.toUs - bar.fromUs) / 1_000)}${bar.earlier ? " of this day" : ""}`;
  return `${STAGES[bar.stage].title} ${from} ${to}, ${took}${bar.end === null ? "" : `: ${plain(bar.end)}`}`;
}

const percent = ({ fromUs, toUs }: Axis, us: number) => (100 * (us - fromUs)) / (toUs - fromUs);

/** What goes on is paler. */
const colour = ({ stage, end }: Bar) =>
  end === null
    ? `color-mix(in oklab, var(${STAGES[stage].ink}) 55%, var(--surface))`
    : `var(${STAGES[stage].ink})`;

/** The bar of that row that is nearest to a moment. */
function nearest({ bars }: Row, us: number): number {
  const far = (bar: Bar | undefined) => Math.abs((bar?.fromUs ?? 0) - us);
  return bars.reduce((best, bar, at) => (far(bar) < far(bars[best]) ? at : best), 0);
}

const COLUMNS = "grid grid-cols-[7rem_minmax(0,1fr)] md:grid-cols-[15rem_minmax(0,1fr)]";

export function Bars({ rows, fromUs, toUs }: { rows: TitledRow[]; fromUs: number; toUs: number }) {
  const shown = useMemo(() => axis(rows, fromUs, toUs), [rows, fromUs, toUs]);
  const [chosen, setChosen] = useState({ row: 0, bar: 0 });
  const box = useRef<HTMLDivElement>(null);
  const row = Math.min(chosen.row, rows.length - 1);
  const bar = Math.min(chosen.bar, (rows[row]?.bars.length ?? 1) - 1);
  const told = rows[row]?.bars[bar];
  const go = (toRow: number, toBar: number) => {
    setChosen({ row: toRow, bar: toBar });
    box.current?.querySelector<HTMLElement>(`[data-bar="${toRow} ${toBar}"]`)?.focus();
  };
  const pressed = (event: KeyboardEvent) => {
    const at = told?.fromUs ?? 0;
    const down = rows[row + 1];
    const up = rows[row - 1];
    const last = (rows[row]?.bars.length ?? 1) - 1;
    if (event.key === "ArrowRight") go(row, Math.min(bar + 1, last));
    else if (event.key === "ArrowLeft") go(row, Math.max(bar - 1, 0));
    else if (event.key === "ArrowDown" && down) go(row + 1, nearest(down, at));
    else if (event.key === "ArrowUp" && up) go(row - 1, nearest(up, at));
    else if (event.key === "Home") go(row, 0);
    else if (event.key === "End") go(row, last);
    else return;
    event.preventDefault();
  };
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className={`${COLUMNS} border-b border-line text-2xs text-ink-3`} aria-hidden="true">
        <span className="eyebrow px-3.5 py-1.5">Ticket</span>
        <Marks axis={shown} />
      </div>
      <div
        ref={box}
        role="group"
        aria-label="Course of the day: arrows lead from bar to bar"
        onKeyDown={pressed}
      >
        {rows.map((each, atRow) => (
          <div
            key={nameOf(each)}
            role="group"
            aria-label={`${each.key} ${plain(each.title)}`}
            className={`${COLUMNS} border-b border-line last:border-b-0 ${atRow === row ? "bg-hover" : ""}`}
          >
            <Link
              to={pathOf(each)}
              tabIndex={-1}
              className="flex h-8 min-w-0 items-center gap-2 px-3.5 text-xs hover:underline"
            >
              <span className="shrink-0 font-mono text-ink-3">{each.key}</span>
              <span className="truncate max-md:hidden">{plain(each.title)}</span>
            </Link>
            <div className="relative mr-3.5 h-8">
              <Lines axis={shown} />
              {each.bars.map((one, atBar) => (
                <button
                  key={`${one.stage} ${one.fromUs}`}
                  type="button"
                  data-bar={`${atRow} ${atBar}`}
                  data-stage={one.stage}
                  tabIndex={atRow === row && atBar === bar ? 0 : -1}
                  aria-label={inWords(one)}
                  title={inWords(one)}
                  onFocus={() => setChosen({ row: atRow, bar: atBar })}
                  onMouseEnter={() => setChosen({ row: atRow, bar: atBar })}
                  className="absolute top-2 h-4 min-w-1 rounded-[3px] ring-1 ring-surface focus-visible:z-10"
                  style={{
                    left: `${percent(shown, one.fromUs)}%`,
                    width: `${percent(shown, one.toUs) - percent(shown, one.fromUs)}%`,
                    background: colour(one),
                  }}
                />
              ))}
            </div>
          </div>
        ))}
      </div>
      {told && rows[row] && (
        <p className="figures border-t border-line bg-sunken px-3.5 py-2 text-xs" aria-hidden="true">
          <Link to={pathOf(rows[row])} tabIndex={-1} className="font-mono text-ink-2 hover:underline">
            {rows[row].key}
          </Link>{" "}
          {inWords(told)}
        </p>
      )}
    </div>
  );
}

function Marks({ axis: shown }: { axis: Axis }) {
  return (
    <span className="figures relative mr-3.5 h-7">
      {shown.marksUs.slice(0, -1).map((us) => (
        <span
          key={us}
          className="absolute top-1.5 pl-1 max-md:nth-[even]:hidden"
          style={{ left: `${percent(shown, us)}%` }}
        >
          {utc(us)}
        </span>
      ))}
    </span>
  );
}

function Lines({ axis: shown }: { axis: Axis }) {
  return shown.marksUs.map((us) => (
    <span
      key={us}
      aria-hidden="true"
      className="absolute inset-y-0 w-px bg-line"
      style={{ left: `${percent(shown, us)}%` }}
    />
  ));
}
