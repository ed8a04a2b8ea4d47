// Values by day.

import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { isoDay } from "../../model/insights";
import { useDark } from "../../shell/theme";

export interface Series {
  name: string;
  /** The property that has its colour. */
  ink: string;
  values: number[];
}

const HEIGHT = 140;
const HALF_A_DAY_S = 43_200;

export function Chart({ label, days, series }: { label: string; days: number[]; series: Series[] }) {
  const box = useRef<HTMLDivElement>(null);
  const dark = useDark();
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read again when the theme changes
  useEffect(() => {
    const host = box.current;
    if (!host) return;
    // A canvas knows no light-dark(): what the browser makes of it is asked for. Of something new: a colour
    // that changes may do so by and by.
    const colour = (name: string) => {
      const probe = host.appendChild(document.createElement("span"));
      probe.style.color = `var(${name})`;
      const made = getComputedStyle(probe).color;
      probe.remove();
      return made;
    };
    const axis = {
      stroke: colour("--ink-3"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      font: "11px Inter Variable",
    };
    const chart = new uPlot(
      {
        width: host.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        padding: [10, 6, 0, 0],
        scales: {
          // Half a day more on both sides: there is room for the bars of the first and the last.
          x: { time: true, range: (_, min, max) => [min - HALF_A_DAY_S, max + HALF_A_DAY_S] },
          y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] },
        },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 26,
            values: (_, at) => at.map((seconds) => isoDay(seconds * 1_000).slice(5)),
          },
          { ...axis, size: 36 },
        ],
        series: [
          {},
          ...series.map(({ name, ink: of }, at) => ({
            label: name,
            stroke: colour(of),
            fill: colour(of),
            width: 0,
            paths:
              uPlot.paths.bars?.({
                size: [0.7 / series.length, 18],
                align: series.length === 1 ? 0 : at === 0 ? -1 : 1,
              }) ?? (() => null),
            points: { show: false },
          })),
        ],
      },
      [days.map((ms) => ms / 1_000), ...series.map(({ values }) => values)],
      host,
    );
    const sized = new ResizeObserver(() => chart.setSize({ width: host.clientWidth, height: HEIGHT }));
    sized.observe(host);
    return () => {
      sized.disconnect();
      chart.destroy();
    };
  }, [days, series, dark]);
  return (
    <figure className="rounded-lg border border-line bg-surface px-3 pt-3 pb-1">
      <figcaption className="flex gap-4 px-1 text-xs text-ink-3">
        {series.map(({ name, ink }) => (
          <span key={name} className="inline-flex items-center gap-1.5">
            <span className="size-2 rounded-sm" style={{ background: `var(${ink})` }} aria-hidden="true" />
            {name}
          </span>
        ))}
      </figcaption>
      <div ref={box} aria-hidden="true" />
      <table className="sr-only">
        <caption>{label}</caption>
        <tbody>
          {days.map((ms, at) => (
            <tr key={ms}>
              <th scope="row">{isoDay(ms)}</th>
              {series.map(({ name, values }) => (
                <td key={name}>
                  {values[at]} {name}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
