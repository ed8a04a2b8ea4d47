// How often each of several things was, the most frequent first.

import { plain } from "../../model/plain";
import { Heading } from "../../ui/basics";

/** Rows beyond which the rest is one. */
const ROWS_MAX = 8;

interface RankedProps {
  title: string;
  none: string;
  counted: { name: string; count: number }[];
}

export function Ranked({ title, none, counted }: RankedProps) {
  const most = Math.max(1, ...counted.map(({ count }) => count));
  const rest = counted.slice(ROWS_MAX).reduce((sum, { count }) => sum + count, 0);
  const shown = [...counted.slice(0, ROWS_MAX), ...(rest > 0 ? [{ name: "others", count: rest }] : [])];
  return (
    <section aria-label={title} className="min-w-0">
      <Heading>{title}</Heading>
      {shown.length === 0 ? (
        <p className="text-ink-3">{none}</p>
      ) : (
        <ul className="flex flex-col gap-2">
          {shown.map(({ name, count }) => (
            <li key={name}>
              <span className="flex items-baseline justify-between gap-3">
                <span className="truncate">{plain(name).replaceAll("_", " ")}</span>
                <span className="figures text-ink-3">{count}</span>
              </span>
              <progress className="bar mt-1" value={count} max={most} aria-label={`${name}: ${count}`} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
