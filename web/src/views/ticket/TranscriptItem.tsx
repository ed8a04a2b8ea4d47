// One thing that an agent did. All of it is text.

import { memo, type ReactNode } from "react";
import { clock, span } from "../../model/amount";
import { plain, plainBlock } from "../../model/plain";
import type { Item } from "../../model/transcript";

export const TranscriptItem = memo(function TranscriptItem({ item }: { item: Item }) {
  switch (item.kind) {
    case "job":
      return (
        <Row item={item} sign="">
          <p className="mt-3 border-t border-line pt-2 font-mono text-2xs text-ink-3">{item.job}</p>
        </Row>
      );
    case "said":
      return (
        <Row item={item} sign="“">
          <p className="told py-1 text-base">{plainBlock(item.text)}</p>
        </Row>
      );
    case "steered":
      return (
        <Row item={item} sign="«">
          <p className="told my-1 rounded-md bg-chosen px-3 py-2 text-base">
            <span className="sr-only">A person says: </span>
            {plainBlock(item.text)}
          </p>
        </Row>
      );
    case "thought":
      return (
        <Row item={item} sign="…">
          <details className="py-0.5 text-ink-3">
            <summary className="truncate italic">{plain(item.text)}</summary>
            <p className="told py-1 pl-3 text-ink-2">{plainBlock(item.text)}</p>
          </details>
        </Row>
      );
    case "asked":
      return (
        <Row item={item} sign="?">
          <div className="my-1 rounded-md bg-attention-soft px-3 py-2">
            <p className="told font-medium">{plainBlock(item.text)}</p>
            {item.options.length > 0 && (
              <p className="told text-xs text-ink-2">{item.options.map(plain).join(" · ")}</p>
            )}
          </div>
        </Row>
      );
    case "tool":
      return <Tool item={item} />;
    case "step":
      return (
        <Row item={item} sign="·">
          <p className="told py-0.5 text-ink-3">{plain(item.text)}</p>
        </Row>
      );
  }
});

function Tool({ item }: { item: Extract<Item, { kind: "tool" }> }) {
  const { tool, detail, done } = item;
  const state = done === null ? "runs" : done.ok ? "" : "failed";
  const line = (
    <>
      <span className="font-medium text-ink-2">{plain(tool)}</span>{" "}
      <span className="text-ink-3">{plain(detail)}</span>
      {state && (
        <span
          className={`ml-2 font-sans text-2xs ${state === "failed" ? "font-semibold text-bad" : "breathing text-accent"}`}
        >
          {state}
        </span>
      )}
    </>
  );
  const long = detail.length > 100 || detail.includes("\n") || (done?.detail.length ?? 0) > 0;
  return (
    <Row item={item} sign="→">
      {long ? (
        <details className="py-0.5 font-mono text-xs leading-5">
          <summary className="truncate">{line}</summary>
          <pre className="told mt-1 max-h-80 overflow-auto rounded-md bg-sunken px-3 py-2">
            {plainBlock(detail)}
          </pre>
          {done?.detail && (
            <pre className="told mt-1 max-h-80 overflow-auto rounded-md bg-sunken px-3 py-2 text-ink-2">
              {plainBlock(done.detail)}
            </pre>
          )}
          {done && (
            <p className="pt-1 font-sans text-2xs text-ink-3">took {span((done.atUs - item.atUs) / 1_000)}</p>
          )}
        </details>
      ) : (
        <p className="told py-0.5 font-mono text-xs leading-5">{line}</p>
      )}
    </Row>
  );
}

function Row({ item, sign, children }: { item: Item; sign: string; children: ReactNode }) {
  return (
    <div
      className="grid grid-cols-[1rem_minmax(0,1fr)] gap-x-2 sm:grid-cols-[4rem_1rem_minmax(0,1fr)]"
      data-kind={item.kind}
    >
      <time
        className="figures hidden pt-1 text-2xs text-ink-3 sm:block"
        dateTime={new Date(item.atUs / 1_000).toISOString()}
      >
        {clock(item.atUs)}
      </time>
      <span className="pt-0.5 text-center text-ink-3" aria-hidden="true">
        {sign}
      </span>
      <div className="min-w-0">{children}</div>
    </div>
  );
}
