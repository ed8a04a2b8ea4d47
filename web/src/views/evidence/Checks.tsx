// Claim beside fact: what the agent said of a commit, and what was measured.

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { CheckView, ReportView, TicketRef } from "../../api";
import { checkLogQuery } from "../../data/queries";
import { short, span } from "../../model/amount";
import { plain, plainBlock } from "../../model/plain";
import { toneOfVerdict } from "../../model/states";
import { Loading, Tag } from "../../ui/basics";
import { INK } from "../../ui/tone";

const SIGN: Record<string, string> = { pass: "✓", fail: "✗", inconclusive: "?" };
/** Those that a person reads: what did not pass, what was claimed, what leaves a doubt, what a command measured. */
const tells = (check: CheckView) =>
  check.verdict !== "pass" ||
  Boolean(check.claimed) ||
  (check.doubts?.length ?? 0) > 0 ||
  (check.evidence && !check.name.includes(":"));

export function Verdict({ verdict }: { verdict: string }) {
  return (
    <span className={`inline-flex items-center gap-1 font-medium ${INK[toneOfVerdict(verdict)]}`}>
      <span aria-hidden="true">{SIGN[verdict] ?? "·"}</span>
      {verdict}
    </span>
  );
}

interface ReportProps {
  report: ReportView;
  /** Whose report it is. */
  of: TicketRef;
  brief?: boolean;
}

export function Report({ report, of, brief = false }: ReportProps) {
  const [all, setAll] = useState(false);
  const shown = all ? report.checks : report.checks.filter(tells);
  const hidden = report.checks.length - shown.length;
  return (
    <section
      aria-label="Claim beside fact"
      className="overflow-hidden rounded-lg border border-line bg-surface"
    >
      {report.claim?.summary && (
        <div className="border-b border-line px-3.5 py-2.5">
          <p className="eyebrow pb-0.5">The agent says</p>
          <p className="told text-ink-2">“{plainBlock(report.claim.summary).trim()}”</p>
        </div>
      )}
      <div className="hidden grid-cols-[1.25rem_9rem_minmax(0,0.8fr)_minmax(0,1.4fr)] gap-x-3 border-b border-line px-3.5 py-1.5 sm:grid">
        <span className="eyebrow col-start-2">Check</span>
        <span className="eyebrow">Claim</span>
        <span className="eyebrow">Fact</span>
      </div>
      <ul>
        {shown.map((check) => (
          <Check key={check.name} check={check} job={report.job} of={of} brief={brief} />
        ))}
      </ul>
      <div className="flex items-center justify-between gap-3 px-3.5 py-2 text-xs text-ink-3">
        <span className="figures">
          <Verdict verdict={report.verdict} /> at <code className="font-mono">{short(report.commit)}</code>
        </span>
        {(hidden > 0 || all) && (
          <button type="button" className="text-accent hover:underline" onClick={() => setAll(!all)}>
            {all ? "Only what tells" : `${hidden} more passed`}
          </button>
        )}
      </div>
    </section>
  );
}

interface CheckProps {
  check: CheckView;
  job: string;
  of: TicketRef;
  brief: boolean;
}

function Check({ check, job, of, brief }: CheckProps) {
  const [open, setOpen] = useState(false);
  const { name, verdict, claimed, claim, fact, lines, doubts = [], evidence, required } = check;
  const lie = claim === "false";
  return (
    <li className="border-b border-line px-3.5 py-2 last:border-b-0">
      <div className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-3 sm:grid-cols-[1.25rem_9rem_minmax(0,0.8fr)_minmax(0,1.4fr)]">
        <span className={`font-semibold ${INK[toneOfVerdict(verdict)]}`} role="img" aria-label={verdict}>
          {SIGN[verdict] ?? "·"}
        </span>
        <span className="truncate font-mono text-xs leading-5" title={name}>
          {plain(name)}
          {!required && <span className="text-ink-3"> told</span>}
        </span>
        <span className={`told text-ink-2 max-sm:col-start-2 ${claimed ? "" : "max-sm:hidden"}`}>
          {claimed ? (
            <>
              <span className="sm:hidden">claims </span>
              {plain(claimed)} {lie && <Tag tone="bad">not so</Tag>}
            </>
          ) : (
            <span className="text-ink-3">·</span>
          )}
        </span>
        <span className="told max-sm:col-start-2">
          {plain(fact)}
          {evidence && !brief && (
            <span className="figures block text-xs text-ink-3">
              <code className="font-mono">{plain(evidence.command)}</code> · exit {evidence.exit ?? "none"} ·{" "}
              {span(evidence.duration_ms)} ·{" "}
              <button
                type="button"
                className="text-accent hover:underline"
                aria-expanded={open}
                aria-label={`${open ? "Hide" : "Show"} the log of ${plain(name)}`}
                onClick={() => setOpen(!open)}
              >
                log
              </button>
            </span>
          )}
        </span>
      </div>
      {doubts.map((doubt) => (
        <p key={doubt} className="told mt-1 pl-8 text-attention">
          Look at this: {plain(doubt)}
        </p>
      ))}
      {lines.length > 0 && verdict !== "pass" && (
        <Beside>
          <Lines lines={lines} />
        </Beside>
      )}
      {open && <Log of={of} job={job} check={name} />}
    </li>
  );
}

/** What the check's command printed: all of it, or its first part where that is very long. */
function Log({ of, job, check }: { of: TicketRef; job: string; check: string }) {
  const { data, error } = useQuery(checkLogQuery(of, job, check));
  if (error) return <p className="told mt-1 pl-8 text-ink-3">{error.message}</p>;
  if (!data) return <Loading what="Reading the log" />;
  const rest =
    data.next < data.size
      ? [`… ${data.size - data.next} bytes more: gangline evidence ${of.key} ${check}`]
      : [];
  return (
    <Beside>
      <Lines lines={[data.text.trimEnd() || "It printed nothing.", ...rest]} />
    </Beside>
  );
}

/** The lines that decided. */
/** Below a check's name, not below its sign. */
function Beside({ children }: { children: ReactNode }) {
  return <div className="sm:ml-8">{children}</div>;
}

export function Lines({ lines }: { lines: string[] }) {
  return (
    <pre
      className="told mt-1.5 max-h-48 overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs leading-5 text-ink-2"
      tabIndex={0}
    >
      {lines.map(plainBlock).join("\n")}
    </pre>
  );
}
