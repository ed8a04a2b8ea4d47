// A ticket that was proposed: what it asks for, what it waits for, what it may change, and when it is done.

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { EditTicket } from "../../acting/EditTicket";
import type { PlannedView } from "../../api";
import { ticketQuery } from "../../data/queries";
import { plain } from "../../model/plain";
import { acceptance } from "../../model/plans";
import { pathOf } from "../../shell/paths";
import { Button, Tag } from "../../ui/basics";
import { State } from "../../ui/Mark";
import { Priority } from "../../ui/Priority";
import { Prose } from "../../ui/Prose";

interface ProposedProps {
  number: number;
  ticket: PlannedView;
  /** All tickets of the plan. */
  plan: PlannedView[];
  /** Whether it is to be accepted; nothing where there is no choice. */
  chosen: boolean | undefined;
  editing: boolean;
  forbidden: string | null;
  onChoose(on: boolean): void;
  onEdit(open: boolean): void;
}

export function Proposed({
  number,
  ticket,
  plan,
  chosen,
  editing,
  forbidden,
  onChoose,
  onEdit,
}: ProposedProps) {
  const { data: detail } = useQuery(ticketQuery(ticket));
  const { key, state } = ticket;
  const draft = state === "draft";
  const left = draft && chosen === false;
  const { text, checks } = acceptance(detail?.body ?? "");
  return (
    <li>
      <article
        id={key}
        data-planned={key}
        tabIndex={-1}
        aria-label={`${key} ${plain(ticket.title)}`}
        className={`scroll-mt-20 rounded-lg border bg-surface px-4 py-3 target:border-line-strong focus:border-accent focus:outline-none ${left ? "border-dashed border-line-strong" : "border-line"}`}
      >
        <header className="flex items-start gap-3">
          {draft && chosen !== undefined ? (
            <input
              type="checkbox"
              checked={chosen}
              onChange={(event) => onChoose(event.target.checked)}
              aria-label={`Accept ${key}`}
              aria-keyshortcuts="x"
              title="Tick or leave out (x)"
              className="mt-1 size-4 shrink-0 accent-(--accent) pointer-coarse:size-5"
            />
          ) : null}
          <div className="min-w-0 flex-1">
            <p className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5 text-xs text-ink-3">
              <span className="figures">{number}</span>
              <Link to={pathOf(ticket)} className="font-mono text-ink-2 hover:text-accent hover:underline">
                {key}
              </Link>
              <State state={state} />
              <Priority priority={ticket.priority} />
              {ticket.agent && <span>{ticket.agent}</span>}
              {ticket.labels
                .filter((label) => !label.startsWith("plan:"))
                .map((label) => (
                  <Tag key={label}>{plain(label)}</Tag>
                ))}
            </p>
            <h3 className={`told text-base ${left ? "text-ink-2" : ""}`}>{plain(ticket.title)}</h3>
          </div>
          {draft && (
            <Button
              look="quiet"
              onClick={() => onEdit(true)}
              forbidden={forbidden}
              aria-label={`Edit ${key}`}
            >
              Edit
            </Button>
          )}
        </header>
        <Bounds ticket={ticket} plan={plan} />
        {text && (
          <div className="pt-2.5">
            <Prose text={text} />
          </div>
        )}
        {detail && (
          <section aria-label={`${key} is done when`} className="mt-3 rounded-md bg-sunken px-3.5 py-2.5">
            <h4 className="eyebrow pb-1">Done when</h4>
            {checks ? (
              <Prose text={checks} />
            ) : (
              <p className="text-attention">No acceptance check is left in it.</p>
            )}
          </section>
        )}
        {editing && detail && <EditTicket detail={detail} onClose={() => onEdit(false)} />}
      </article>
    </li>
  );
}

/** What it waits for, and which files it means to change. */
function Bounds({
  ticket: { dependencies = [], scope, project },
  plan,
}: {
  ticket: PlannedView;
  plan: PlannedView[];
}) {
  const numbers = new Map(plan.map(({ key }, at) => [key, at + 1]));
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5 pt-2 text-xs text-ink-3">
      {dependencies.length > 0 && (
        <>
          <dt>after</dt>
          <dd className="flex flex-wrap gap-x-3">
            {dependencies.map((on) => (
              <DependsOn key={on} on={on} number={numbers.get(on)} project={project} />
            ))}
          </dd>
        </>
      )}
      <dt>changes</dt>
      <dd className="told">
        {scope.length > 0
          ? scope.map((pattern) => (
              <code key={pattern} className="mr-2 font-mono text-ink-2">
                {pattern}
              </code>
            ))
          : "anything"}
      </dd>
    </dl>
  );
}

function DependsOn({ on, number, project }: { on: string; number: number | undefined; project: string }) {
  const look = "font-mono text-ink-2 hover:text-accent hover:underline";
  if (number === undefined)
    return (
      <Link to={pathOf({ project, key: on })} className={look}>
        {on}
      </Link>
    );
  return (
    <a href={`#${on}`} className={look}>
      {on}
      <span className="text-ink-3"> ({number})</span>
    </a>
  );
}
