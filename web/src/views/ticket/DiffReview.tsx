// The review of a change: what is to be looked at first, marks of what was seen, and remarks that go
// back to the agent as one.

import "@git-diff-view/react/styles/diff-view-pure.css";
import "../../styles/diff.css";
import { useMemo, useState } from "react";
import { toast } from "sonner";
import type { Diff, Packet, TicketDetail } from "../../api";
import { useWhyNot } from "../../data/me";
import { useWish } from "../../data/wishes";
import { count, short } from "../../model/amount";
import { asFeedback, patch, type Remark } from "../../model/patch";
import { Button, Empty } from "../../ui/basics";
import { TextArea } from "../../ui/fields";
import { useKeys } from "../../ui/keys";
import { Delta } from "../evidence/Files";
import { FileDiff } from "./FileDiff";
import { useKept } from "./kept";

/** Files beyond which each is folded at first. */
const OPEN_MAX = 30;

export function DiffReview({ packet }: { packet: Packet }) {
  if (!packet.diff)
    return <Empty title="There is no diff">{packet.diff_missing ?? "No attempt has left a commit."}</Empty>;
  return <Review detail={packet.ticket} diff={packet.diff} />;
}

function Review({ detail, diff }: { detail: TicketDetail; diff: Diff }) {
  const files = useMemo(() => patch(diff, detail.report), [diff, detail.report]);
  const kept = `${detail.project}.${detail.key}.${diff.commit}`;
  const [seen, setSeen] = useKept<string[]>(`seen:${kept}`, []);
  const [remarks, setRemarks] = useKept<Remark[]>(`remarks:${kept}`, []);
  const [split, setSplit] = useState(() => matchMedia("(min-width: 80rem)").matches);
  const wide = () => setSplit(!split);
  useKeys({ w: wide });
  const see = (path: string) =>
    setSeen(seen.includes(path) ? seen.filter((each) => each !== path) : [...seen, path]);
  const added = files.reduce((sum, file) => sum + (file.added ?? 0), 0);
  const deleted = files.reduce((sum, file) => sum + (file.deleted ?? 0), 0);
  return (
    <div className="flex flex-col">
      <div className="sticky top-0 z-20 flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-ground px-4 py-2 text-xs text-ink-3 md:px-8">
        <span className="figures">
          {count(files.length, "file")} <Delta added={added} deleted={deleted} />
        </span>
        <span>
          <code className="font-mono">{short(diff.base)}</code> to{" "}
          <code className="font-mono">{short(diff.commit)}</code>
        </span>
        <span className="figures" role="status">
          {seen.length} of {files.length} seen
        </span>
        <Button look="quiet" className="ml-auto h-7 text-xs" shortcut="w" aria-pressed={split} onClick={wide}>
          {split ? "Side by side" : "One column"}
        </Button>
      </div>
      {diff.truncated && (
        <p className="bg-attention-soft px-4 py-2 text-attention md:px-8">
          The diff was cut at its bound: read the rest with gangline diff {detail.key}.
        </p>
      )}
      <div className="flex flex-col gap-4 px-4 py-4 pb-8 md:px-8">
        {files.map((file) => (
          <FileDiff
            key={file.path}
            file={file}
            split={split}
            open={!seen.includes(file.path) && files.length <= OPEN_MAX}
            seen={seen.includes(file.path)}
            onSeen={() => see(file.path)}
            remarks={remarks.filter(({ path }) => path === file.path)}
            onRemark={(remark) => setRemarks([...remarks, remark])}
            onForget={(remark) => setRemarks(remarks.filter((each) => each !== remark))}
          />
        ))}
      </div>
      {remarks.length > 0 && <SendBack detail={detail} remarks={remarks} onSent={() => setRemarks([])} />}
    </div>
  );
}

/** All remarks at once, as the beginning of the next attempt. */
function SendBack({ detail, remarks, onSent }: { detail: TicketDetail; remarks: Remark[]; onSent(): void }) {
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
      <TextArea
        label={`${count(remarks.length, "remark")}, and what holds for all of it`}
        rows={1}
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
