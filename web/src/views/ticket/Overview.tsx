// The ticket at a glance: what needs a person, claim beside fact, its tries, and what was asked.

import { Check, Copy } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import type { Packet, TicketDetail } from "../../api";
import { useWhyNot } from "../../data/me";
import { useWish } from "../../data/wishes";
import { moment, short } from "../../model/amount";
import { plain, plainBlock } from "../../model/plain";
import { planOf } from "../../model/plans";
import { pathOf, planPath } from "../../shell/paths";
import { Button, Heading } from "../../ui/basics";
import { State } from "../../ui/Mark";
import { Prose } from "../../ui/Prose";
import { Report } from "../evidence/Checks";
import { Files } from "../evidence/Files";
import { Attempts } from "./Attempts";

export function Overview({ packet }: { packet: Packet }) {
  const detail = packet.ticket;
  return (
    <div className="grid max-w-6xl grid-cols-[minmax(0,1fr)] gap-x-10 gap-y-7 px-4 py-6 md:px-8 lg:grid-cols-[minmax(0,1fr)_17rem]">
      <div className="flex min-w-0 flex-col gap-7">
        {detail.questions.map((question) => (
          <Question
            key={question.id}
            detail={detail}
            id={question.id}
            text={question.text}
            options={question.options}
          />
        ))}
        {detail.escalation && (
          <section aria-label="Why it is yours" className="rounded-lg bg-bad-soft px-4 py-3">
            <Heading>Why it is yours</Heading>
            <p className="told text-base">{plainBlock(detail.escalation.summary)}</p>
          </section>
        )}
        {detail.report && (
          <section>
            <Heading>Claim beside fact</Heading>
            <Report report={detail.report} of={detail} />
          </section>
        )}
        {detail.candidate_report && (
          <section>
            <Heading>As merged</Heading>
            <Report report={detail.candidate_report} of={detail} />
          </section>
        )}
        {packet.diff && <Files diff={packet.diff} to={`${pathOf(detail)}/diff`} />}
        <Attempts detail={detail} />
        <section>
          <Heading>What was asked</Heading>
          <Prose text={detail.body} />
        </section>
      </div>
      <Aside detail={detail} />
    </div>
  );
}

function Question({
  detail,
  id,
  text,
  options,
}: {
  detail: TicketDetail;
  id: string;
  text: string;
  options: string[];
}) {
  const wish = useWish();
  const forbidden = useWhyNot()("L1");
  return (
    <section aria-label="Question" className="rounded-lg bg-attention-soft px-4 py-3">
      <Heading>The agent asks</Heading>
      <p className="told text-base">{plainBlock(text)}</p>
      {options.length > 0 && (
        <div className="mt-3 flex flex-wrap gap-2">
          {options.map((option) => (
            <Button
              key={option}
              className="max-w-full"
              onClick={() => void wish(detail, { act: "answer", question: id, text: option })}
              forbidden={forbidden}
            >
              <span className="truncate">{plain(option)}</span>
            </Button>
          ))}
        </div>
      )}
    </section>
  );
}

function Aside({ detail }: { detail: TicketDetail }) {
  const { depends_on, dependents, scope, permits = [], hints, landing } = detail;
  const plan = planOf(detail);
  const related = (key: string) => pathOf({ project: detail.project, key });
  return (
    <aside aria-label="About the ticket" className="flex flex-col gap-5 text-sm">
      {landing && (
        <Group title="Landing">
          <p className="text-ink-2">{landing.stage}</p>
          {landing.why && <p className="told text-ink-3">{plain(landing.why)}</p>}
          {landing.new && <Copied text={landing.new} shown={short(landing.new)} />}
        </Group>
      )}
      {depends_on.length > 0 && (
        <Group title="Depends on">
          {depends_on.map(({ key, state }) => (
            <Link
              key={key}
              to={related(key)}
              className="flex items-center justify-between gap-2 hover:underline"
            >
              <span className="font-mono text-xs">{key}</span>
              <State state={state} className="text-xs text-ink-3" />
            </Link>
          ))}
        </Group>
      )}
      {dependents.length > 0 && (
        <Group title="Holds up">
          {dependents.map((key) => (
            <Link key={key} to={related(key)} className="block font-mono text-xs hover:underline">
              {key}
            </Link>
          ))}
        </Group>
      )}
      {scope.length > 0 && <Patterns title="Scope" patterns={scope} />}
      {permits.length > 0 && <Patterns title="May also change" patterns={permits} />}
      {hints.length > 0 && (
        <Group title="Hints">
          {hints.map((hint) => (
            <p key={`${hint.by} ${hint.text}`} className="told text-ink-2">
              {plainBlock(hint.text)}{" "}
              <span className="text-xs text-ink-3">{hint.by.replace(/^person:/, "")}</span>
            </p>
          ))}
        </Group>
      )}
      <Group title="Where">
        {detail.branch && <Copied text={detail.branch} />}
        {detail.commit && <Copied text={detail.commit} shown={short(detail.commit)} />}
        {detail.worktree && <Copied text={detail.worktree} />}
        {!detail.branch && !detail.commit && !detail.worktree && <p className="text-ink-3">nothing yet</p>}
      </Group>
      <Group title="Added">
        <p className="text-ink-2">
          {moment(detail.created_us)} by {detail.created_by.replace(/^person:/, "")}
        </p>
        {plan && (
          <Link to={planPath({ project: detail.project, key: plan })} className="text-accent hover:underline">
            proposed by {plan}
          </Link>
        )}
        {detail.external_ref && <p className="text-ink-3">as {plain(detail.external_ref)}</p>}
      </Group>
    </aside>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="eyebrow pb-1">{title}</h2>
      <div className="flex flex-col gap-1">{children}</div>
    </section>
  );
}

function Patterns({ title, patterns }: { title: string; patterns: string[] }) {
  return (
    <Group title={title}>
      {patterns.map((pattern) => (
        <code key={pattern} className="told font-mono text-xs text-ink-2">
          {pattern}
        </code>
      ))}
    </Group>
  );
}

function Copied({ text, shown = text }: { text: string; shown?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1_500);
  };
  const Icon = done ? Check : Copy;
  return (
    <button
      type="button"
      onClick={() => void copy()}
      title={`Copy ${text}`}
      className="group flex min-w-0 items-center gap-1.5 text-left font-mono text-xs text-ink-2 hover:text-ink"
    >
      <span className="truncate">{shown}</span>
      <Icon className="size-3 shrink-0 text-ink-3 opacity-60 group-hover:opacity-100" aria-hidden="true" />
    </button>
  );
}
