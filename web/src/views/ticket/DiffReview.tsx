// The review of a change: what is to be looked at first, marks of what was seen, and remarks that go
// back to the agent as one.

import "@git-diff-view/react/styles/diff-view-pure.css";
import "../../styles/diff.css";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { toast } from "sonner";
import type { Diff, Packet, TicketDetail } from "../../api";
import { useWhyNot } from "../../data/me";
import { diffQuery } from "../../data/queries";
import { useWish } from "../../data/wishes";
import { count, short } from "../../model/amount";
import {
  type Compared,
  isWhole,
  readCompared,
  remarkedOn,
  tailOf,
  writeCompared,
} from "../../model/compared";
import { asFeedback, patch, type Remark, shows } from "../../model/patch";
import { plainBlock, verbatim } from "../../model/plain";
import { Button, Empty, Loading } from "../../ui/basics";
import { TextArea } from "../../ui/fields";
import { stepping, useKeys } from "../../ui/keys";
import { Delta } from "../evidence/Files";
import { Compare } from "./Compare";
import { FileDiff } from "./FileDiff";
import { useKept } from "./kept";

/** Files beyond which each is folded at first. */
const OPEN_MAX = 30;

export function DiffReview({ packet }: { packet: Packet }) {
  const { ticket, diff } = packet;
  if (!diff)
    return <Empty title="There is no diff">{packet.diff_missing ?? "No attempt has left a commit."}</Empty>;
  // What is kept of a review is of one commit.
  return <Review key={`${ticket.key} ${diff.commit}`} detail={ticket} whole={diff} />;
}

/** The change that the address asks for. */
function useCompared(detail: TicketDetail, whole: Diff) {
  const [asked, setAsked] = useSearchParams();
  const compared = readCompared(asked, whole.job);
  const compare = (next: Compared) => setAsked((now) => writeCompared(now, next), { replace: true });
  const other = useQuery({ ...diffQuery(detail, compared), enabled: !isWhole(compared) });
  const { data, error } = isWhole(compared) ? { data: whole, error: null } : other;
  return { compared, compare, shown: data, error };
}

function Review({ detail, whole }: { detail: TicketDetail; whole: Diff }) {
  const { compared, compare, shown, error } = useCompared(detail, whole);
  const kept = `${detail.project}.${detail.key}.${whole.commit}`;
  const [seen, setSeen] = useKept<string[]>(`seen:${kept}`, []);
  const [remarks, setRemarks] = useKept<Remark[]>(`remarks:${kept}`, []);
  const [split, setSplit] = useState(() => matchMedia("(min-width: 80rem)").matches);
  const wide = () => setSplit(!split);
  const list = useRef<HTMLDivElement>(null);
  const remark = () =>
    document.activeElement
      ?.closest("[data-file]")
      ?.querySelector<HTMLButtonElement>('button[data-act="remark"]')
      ?.click();
  useKeys({
    ...stepping(list, "[data-file]"),
    l: ["remark on a line of that file", remark],
    w: ["side by side, or one column", wide],
  });
  const marks = isWhole(compared)
    ? {
        seen,
        see: (path: string) =>
          setSeen(seen.includes(path) ? seen.filter((each) => each !== path) : [...seen, path]),
      }
    : null;
  return (
    <div ref={list} className="flex flex-col">
      <div className="sticky top-0 z-20 flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-ground px-4 py-2 text-xs text-ink-3 md:px-8">
        <Compare detail={detail} whole={whole} compared={compared} onCompare={compare} />
        {marks && (
          <span className="figures" role="status">
            {seen.length} of {whole.files.length} seen
          </span>
        )}
        <Button look="quiet" className="ml-auto h-7 text-xs" shortcut="w" aria-pressed={split} onClick={wide}>
          {split ? "Side by side" : "One column"}
        </Button>
      </div>
      {shown ? (
        <Change
          key={JSON.stringify(compared)}
          {...{ detail, whole, shown, blanks: compared.blanks, split, marks, remarks, setRemarks }}
          onWhole={() => compare({ blanks: true })}
        />
      ) : (
        <Waiting error={error} onWhole={() => compare({ blanks: true })} />
      )}
    </div>
  );
}

function Waiting({ error, onWhole }: { error: Error | null; onWhole(): void }) {
  if (!error) return <Loading what="Reading the change" />;
  return (
    <div className="flex flex-col items-center">
      <Empty title="This cannot be shown">{error.message}</Empty>
      <Button onClick={onWhole}>The whole change</Button>
    </div>
  );
}

interface ChangeProps {
  detail: TicketDetail;
  whole: Diff;
  shown: Diff;
  blanks: boolean;
  split: boolean;
  /** Absent where files are not marked: what was seen is the whole change. */
  marks: { seen: string[]; see(path: string): void } | null;
  remarks: Remark[];
  setRemarks(remarks: Remark[]): void;
  onWhole(): void;
}

function Change({ detail, whole, shown, blanks, split, marks, remarks, setRemarks, onWhole }: ChangeProps) {
  const remarked = remarkedOn(shown, whole);
  const files = useMemo(
    () => patch(shown, shown.commit === whole.commit ? detail.report : null, blanks),
    [shown, whole.commit, detail.report, blanks],
  );
  const here = remarks.filter(({ side }) => remarked === "both" || remarked === side);
  const elsewhere = remarks.filter(
    (remark) =>
      !here.includes(remark) ||
      !files.some(({ path, hunks }) => path === remark.path && shows(hunks, remark.side, remark.line)),
  );
  const forget = (remark: Remark) => setRemarks(remarks.filter((each) => each !== remark));
  return (
    <>
      <About files={files} shown={shown} whole={whole} marked={marks !== null} onWhole={onWhole} />
      {shown.truncated && (
        <p className="bg-attention-soft px-4 py-2 text-attention md:px-8">
          The diff was cut at its bound: read the rest with gangline diff {detail.key}.
        </p>
      )}
      <div className="flex flex-col gap-4 px-4 py-4 pb-8 md:px-8">
        {files.length === 0 && <Empty title="Nothing differs" />}
        {files.map((file) => (
          <FileDiff
            key={file.path}
            file={file}
            split={split}
            open={
              !marks?.seen.includes(file.path) && files.length <= OPEN_MAX && (blanks || file.hunks !== "")
            }
            seen={marks?.seen.includes(file.path) ?? false}
            onSeen={marks ? () => marks.see(file.path) : undefined}
            remarks={here.filter(({ path }) => path === file.path)}
            remarked={remarked}
            onRemark={(remark) => setRemarks([...remarks, remark])}
            onForget={forget}
          />
        ))}
      </div>
      {remarks.length > 0 && (
        <SendBack
          detail={detail}
          remarks={remarks}
          elsewhere={elsewhere}
          onForget={forget}
          onSent={() => setRemarks([])}
        />
      )}
    </>
  );
}

interface AboutProps {
  files: { added: number | null; deleted: number | null }[];
  shown: Diff;
  whole: Diff;
  marked: boolean;
  onWhole(): void;
}

/** What is shown, in a line, and what may be wrong about it. */
function About({ files, shown, whole, marked, onWhole }: AboutProps) {
  const added = files.reduce((sum, file) => sum + (file.added ?? 0), 0);
  const deleted = files.reduce((sum, file) => sum + (file.deleted ?? 0), 0);
  const why =
    shown.commit === whole.commit
      ? "Files are marked as seen in the whole change."
      : "An earlier attempt: remarks are for what the last one did.";
  return (
    <div className="flex flex-col gap-2 px-4 pt-3 text-xs text-ink-3 md:px-8">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="figures">
          {count(files.length, "file")} <Delta added={added} deleted={deleted} />
        </span>
        <span className="font-mono">
          {shown.since ? tailOf(shown.since) : short(shown.base)} → {short(shown.commit)}
        </span>
        {!marked && (
          <span>
            {why}{" "}
            <button type="button" className="text-accent hover:underline" onClick={onWhole}>
              The whole change
            </button>
          </span>
        )}
      </p>
      {shown.with_base && (
        <p className="rounded-md bg-attention-soft px-3 py-2 text-attention" role="note">
          The target has changed the same places between the two attempts: its changes are in here, too.
        </p>
      )}
    </div>
  );
}

interface SendBackProps {
  detail: TicketDetail;
  remarks: Remark[];
  /** Those whose lines are not shown now. */
  elsewhere: Remark[];
  onForget(remark: Remark): void;
  onSent(): void;
}

/** All remarks at once, as the beginning of the next attempt. */
function SendBack({ detail, remarks, elsewhere, onForget, onSent }: SendBackProps) {
  const wish = useWish();
  const [overall, setOverall] = useState("");
  const feedback = asFeedback(remarks, overall);
  const review = detail.state === "review";
  const forbidden = useWhyNot()(review ? "L2" : "L1");
  const retry = detail.state === "escalated";
  const send = async () => {
    if (await wish(detail, review ? { act: "reject", feedback } : { act: "retry", hint: feedback })) onSent();
  };
  const copy = async () => {
    await navigator.clipboard.writeText(feedback);
    toast.success("copied");
  };
  return (
    <section
      aria-label="Send back"
      className="sticky bottom-0 z-20 flex flex-col gap-2 border-t border-line bg-raised px-4 py-3 shadow-lift md:px-8"
    >
      <Elsewhere remarks={elsewhere} onForget={onForget} />
      <TextArea
        label={`${count(remarks.length, "remark")}, and what holds for all of it`}
        rows={1}
        className="field-sizing-content max-h-40 min-h-9!"
        value={overall}
        onChange={(event) => setOverall(event.target.value)}
      />
      <div className="flex items-center gap-2">
        {review || retry ? (
          <Button look="strong" onClick={() => void send()} forbidden={forbidden}>
            {review ? "Send back" : "Retry"} with {count(remarks.length, "remark")}
          </Button>
        ) : (
          <p className="text-xs text-ink-3">
            It can be sent back once it is verified. Until then the remarks stay in this browser.
          </p>
        )}
        <Button look="quiet" onClick={() => void copy()}>
          Copy as text
        </Button>
      </div>
    </section>
  );
}

/** Remarks that go back too, and that would not be seen otherwise. */
function Elsewhere({ remarks, onForget }: Pick<SendBackProps, "remarks" | "onForget">) {
  if (remarks.length === 0) return null;
  return (
    <details className="text-xs text-ink-2">
      <summary>{count(remarks.length, "remark")} on lines that are not shown now</summary>
      <ul className="max-h-40 overflow-y-auto pt-1">
        {remarks.map((remark) => (
          <li key={`${remark.path} ${remark.line} ${remark.text}`} className="flex items-start gap-3">
            <p className="told flex-1">
              <span className="font-mono text-ink-3">
                {verbatim(remark.path)}:{remark.line}
              </span>{" "}
              {plainBlock(remark.text)}
            </p>
            <button
              type="button"
              className="text-ink-3 hover:text-ink hover:underline"
              onClick={() => onForget(remark)}
            >
              Forget
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
