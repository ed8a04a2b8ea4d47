// What the agent does, as it does it: what it says, thinks and plans, its tools, the files.

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import type { TicketDetail } from "../../api";
import { useJournal } from "../../data/journal";
import { isClosed } from "../../model/acts";
import { cost } from "../../model/amount";
import { nameOf } from "../../model/needs";
import { verbatim } from "../../model/plain";
import type { Item, Transcript as Told } from "../../model/transcript";
import { Button, Empty, Heading } from "../../ui/basics";
import { SteerBox } from "./SteerBox";
import { TranscriptItem } from "./TranscriptItem";

type Kind = Item["kind"];
const FILTERS: { title: string; kinds: Kind[] }[] = [
  { title: "Everything", kinds: ["said", "steered", "thought", "tool", "asked", "step", "job"] },
  { title: "Said", kinds: ["said", "steered", "asked", "job"] },
  { title: "Tools", kinds: ["tool", "job"] },
];
const ROW_PX = 30;
/** So near to the end, one is at the end. */
const END_PX = 60;

export function Transcript({ detail }: { detail: TicketDetail }) {
  const [asked, setAsked] = useSearchParams();
  const job = asked.get("job") ?? undefined;
  const { transcript, job: now, ended } = useJournal(detail, job);
  const over = ended || detail.attempts.some((attempt) => attempt.job === now && attempt.ended_us);
  const [filter, setFilter] = useState(0);
  const kinds = FILTERS[filter]?.kinds;
  const items = useMemo(
    () => transcript.items.filter((item) => kinds?.includes(item.kind)),
    [transcript.items, kinds],
  );
  return (
    <div className="flex h-full flex-col max-md:min-h-[70dvh]">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2 md:px-8">
        <select
          aria-label="Job"
          value={job ?? ""}
          onChange={(event) => setAsked(event.target.value ? { job: event.target.value } : {})}
          className="picker max-w-full font-mono"
        >
          <option value="">the last job, and later ones</option>
          {detail.attempts.map((attempt) => (
            <option key={attempt.job} value={attempt.job}>
              try {attempt.try_no} · {attempt.job}
            </option>
          ))}
        </select>
        <fieldset className="segments" aria-label="Show">
          {FILTERS.map(({ title }, at) => (
            <button key={title} type="button" aria-pressed={at === filter} onClick={() => setFilter(at)}>
              {title}
            </button>
          ))}
        </fieldset>
        <span className="figures ml-auto text-xs text-ink-3">
          {transcript.model && `${transcript.model} · `}
          {cost(transcript.usage ?? undefined)} {over ? "· ended" : now ? "· live" : ""}
        </span>
      </div>
      <div className="flex min-h-0 flex-1">
        {items.length === 0 ? (
          <div className="flex-1">
            <Empty title="Nothing has been heard yet">
              What its agent says and does is shown here, as it happens.
            </Empty>
          </div>
        ) : (
          <Stream items={items} />
        )}
        <Side transcript={transcript} />
      </div>
      {!isClosed(detail.state) && <SteerBox key={nameOf(detail)} detail={detail} />}
    </div>
  );
}

function Stream({ items }: { items: Item[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (at) => items[at]?.id ?? at,
    overscan: 12,
  });
  const last = items.length - 1;
  const height = rows.getTotalSize();
  // Rows that are measured are higher or lower than they were thought to be: the end moves with them.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the end has moved when these are others
  useEffect(() => {
    if (following && last >= 0) rows.scrollToIndex(last, { align: "end" });
  }, [following, items, height, last, rows]);
  const top = useRef(0);
  const scrolled = () => {
    const box = scroller.current;
    if (!box) return;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < END_PX;
    // Only a person goes back: when rows come or grow, the end goes away by itself.
    if (atEnd || box.scrollTop < top.current) setFollowing(atEnd);
    top.current = box.scrollTop;
  };
  return (
    <div className="relative min-w-0 flex-1">
      <div
        ref={scroller}
        onScroll={scrolled}
        className="absolute inset-0 overflow-y-auto px-4 py-3 md:px-8"
        role="log"
        aria-label="Transcript"
        tabIndex={0}
      >
        <div className="relative max-w-4xl" ref={(box) => box?.style.setProperty("height", `${height}px`)}>
          {rows.getVirtualItems().map((row) => {
            const item = items[row.index];
            return (
              item && (
                <div
                  key={row.key}
                  data-index={row.index}
                  ref={rows.measureElement}
                  className="absolute top-0 left-0 w-full"
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <TranscriptItem item={item} />
                </div>
              )
            );
          })}
        </div>
      </div>
      {!following && (
        <Button className="absolute right-6 bottom-4 shadow-lift" onClick={() => setFollowing(true)}>
          To the end
        </Button>
      )}
    </div>
  );
}

const SIGNS: Record<string, string> = { done: "✓", in_progress: "▸", pending: "○" };

function Side({ transcript: { plan, files } }: { transcript: Told }) {
  if (plan.length === 0 && files.length === 0) return null;
  return (
    <aside
      aria-label="Plan and files"
      className="hidden w-64 shrink-0 flex-col gap-6 overflow-y-auto border-l border-line px-5 py-4 xl:flex"
    >
      {plan.length > 0 && (
        <section>
          <Heading>Plan</Heading>
          <ol className="flex flex-col gap-1">
            {plan.map((item) => (
              <li key={item.text} className={`flex gap-2 ${item.status === "done" ? "text-ink-3" : ""}`}>
                <span
                  className={item.status === "done" ? "text-good" : "text-ink-3"}
                  role="img"
                  aria-label={item.status.replace("_", " ")}
                >
                  {SIGNS[item.status] ?? "○"}
                </span>
                <span className="told">{verbatim(item.text)}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
      {files.length > 0 && (
        <section>
          <Heading>Files</Heading>
          <ul className="flex flex-col gap-0.5">
            {files.slice(0, 60).map((file) => (
              <li key={file} className="told font-mono text-xs text-ink-2">
                {verbatim(file)}
              </li>
            ))}
          </ul>
        </section>
      )}
    </aside>
  );
}
