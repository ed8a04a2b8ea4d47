// The tries of a ticket, as a line of time: what each agent claimed, and what came of it.

import { Link } from "react-router";
import type { AttemptView, RecordView, TicketDetail } from "../../api";
import { useSaid } from "../../data/now";
import { clock, cost, moment, short, span } from "../../model/amount";
import { tailOf } from "../../model/compared";
import { plain, plainBlock } from "../../model/plain";
import { pathOf } from "../../shell/paths";
import { Heading, Tag } from "../../ui/basics";
import { Lines, Verdict } from "../evidence/Checks";

export function Attempts({ detail }: { detail: TicketDetail }) {
  if (detail.attempts.length === 0) return null;
  return (
    <section aria-label="Attempts">
      <Heading>Attempts</Heading>
      <ol className="relative ml-1.5 border-l border-line">
        {detail.attempts.map((attempt) => (
          <Attempt
            key={attempt.job}
            detail={detail}
            attempt={attempt}
            record={detail.records.find(({ job }) => job === attempt.job)}
          />
        ))}
      </ol>
    </section>
  );
}

interface AttemptProps {
  detail: TicketDetail;
  attempt: AttemptView;
  record: RecordView | undefined;
}

function Attempt({ detail, attempt, record }: AttemptProps) {
  const running = !attempt.ended_us;
  const dot = running
    ? "bg-accent breathing"
    : attempt.verdict === "pass"
      ? "bg-good"
      : attempt.verdict === "fail"
        ? "bg-bad"
        : "bg-line-strong";
  return (
    <li className="relative pb-5 pl-5 last:pb-0">
      <span
        className={`absolute top-1.5 -left-[4.5px] size-2 rounded-full ring-4 ring-ground ${dot}`}
        aria-hidden="true"
      />
      <p className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5 text-xs text-ink-3">
        <span className="font-medium text-ink">Try {attempt.try_no}</span>
        <span>
          {attempt.agent} ({attempt.kind})
        </span>
        <span>{attempt.start}</span>
        <span title={moment(attempt.started_us)} className="figures">
          {clock(attempt.started_us)}
        </span>
        <Took attempt={attempt} />
        <span className="figures">{cost(attempt.usage)}</span>
        {attempt.tier && <span>{attempt.tier}</span>}
        {attempt.commit && (
          <Link
            to={`${pathOf(detail)}/diff?attempt=${tailOf(attempt.job)}`}
            className="text-accent hover:underline"
            title="What it changed"
          >
            <code className="font-mono">{short(attempt.commit)}</code>
            <span className="sr-only">, its diff</span>
          </Link>
        )}
        {attempt.verdict && <Verdict verdict={attempt.verdict} />}
        {attempt.rescue && <Tag>uncommitted work rescued</Tag>}
        <Link
          to={`${pathOf(detail)}/transcript?job=${encodeURIComponent(attempt.job)}`}
          className="ml-auto text-accent hover:underline"
        >
          Transcript
        </Link>
      </p>
      {attempt.claim?.summary && (
        <p className="told mt-1 text-ink-2">“{plainBlock(attempt.claim.summary).trim()}”</p>
      )}
      {attempt.end && attempt.end !== "the agent says it is done" && (
        <p className="told mt-1 text-ink-2">{plain(attempt.end)}</p>
      )}
      {record && (
        <div className="mt-1">
          <p className="told text-bad">{plainBlock(record.error).trim()}</p>
          <p className="text-xs text-ink-3">
            {record.class_text}
            {record.same_as && " · the same as before, so that the next try starts anew"}
            {!record.spent && " · no try was spent"}
          </p>
          {record.lines.length > 0 && !record.same_as && <Lines lines={record.lines} />}
        </div>
      )}
    </li>
  );
}

function Took({ attempt }: { attempt: AttemptView }) {
  const { started_us, ended_us } = attempt;
  const said = useSaid((nowMs) =>
    span(Math.max(0, (ended_us ? ended_us / 1_000 : nowMs) - started_us / 1_000)),
  );
  return <span className="figures">{said}</span>;
}
