// One plan: what a planner proposed for a goal, to be changed, accepted or dropped.

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { type PlanView, Refused, type TicketDetail, type TicketRef } from "../../api";
import { planQuery, ticketQuery } from "../../data/queries";
import { cost, count } from "../../model/amount";
import { plain, plainBlock } from "../../model/plain";
import { goalOf, standing, waves } from "../../model/plans";
import { pathOf } from "../../shell/paths";
import { Age, Empty, Heading, Loading } from "../../ui/basics";
import { Prose } from "../../ui/Prose";
import { Lines } from "../evidence/Checks";
import { Decision } from "./Decision";
import { Standing } from "./Standing";

export function Plan() {
  const { project = "", key = "" } = useParams();
  const { data: plan, error } = useQuery(planQuery({ project, key }));
  const { data: detail } = useQuery(ticketQuery({ project, key }));
  if (error && !plan) return <NoPlan ticket={{ project, key }} error={error} />;
  if (!plan || !detail) return <Loading what={`Reading ${key}`} />;
  return <Known plan={plan} detail={detail} />;
}

function NoPlan({ ticket, error }: { ticket: TicketRef; error: Error }) {
  return (
    <Empty title={error instanceof Refused ? error.message : `${ticket.key} cannot be read`}>
      <Link to={pathOf(ticket)} className="text-accent underline underline-offset-2">
        To the ticket
      </Link>
    </Empty>
  );
}

function Known({ plan, detail }: { plan: PlanView; detail: TicketDetail }) {
  const goal = plain(goalOf(plan.title));
  const stands = standing(plan.state, plan.tickets);
  return (
    <div className="mx-auto flex max-w-6xl flex-col gap-6 px-4 py-5 md:px-8">
      <title>{`${plan.key} ${goal}`}</title>
      <header>
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-3">
          <Link to="/plans" className="hover:text-ink hover:underline">
            Plans
          </Link>
          <Link to={pathOf(plan)} className="font-mono text-ink-2 hover:text-accent hover:underline">
            {plan.key}
          </Link>
          <span>{plan.project}</span>
          <Standing standing={stands} className="font-medium text-ink-2" />
          <span>
            for <Age us={detail.since_us} />
          </span>
          {detail.agent && <span>by {detail.agent}</span>}
          <span className="figures">{cost(detail.usage)}</span>
        </p>
        <h1 className="told mt-1 text-xl font-semibold tracking-tight">{goal}</h1>
      </header>
      {plan.tickets.length > 0 ? (
        <Decision plan={plan} aside={<Aside plan={plan} detail={detail} />} about={<About plan={plan} />} />
      ) : (
        <>
          <Making detail={detail} />
          <Goal detail={detail} open />
        </>
      )}
    </div>
  );
}

function About({ plan }: { plan: PlanView }) {
  if (!plan.overview) return null;
  return (
    <section aria-label="What the planner says">
      <Heading>What the planner says</Heading>
      <Prose text={plan.overview} />
    </section>
  );
}

/** What was asked of the planner, in the person's own words. */
function Goal({ detail, open = false }: { detail: TicketDetail; open?: boolean }) {
  return (
    <details open={open} className="group">
      <summary className="eyebrow w-fit rounded-sm">What was asked</summary>
      <div className="pt-2">
        <Prose text={detail.body} />
      </div>
    </details>
  );
}

/** A plan that is not there: who is at it, what it waits for, and why tries came to nothing. */
function Making({ detail }: { detail: TicketDetail }) {
  const last = detail.records.at(-1);
  return (
    <section aria-label="How far it is" className="flex flex-col gap-4">
      <div className="rounded-lg border border-line bg-surface px-4 py-3.5">
        <p className="text-base" aria-live="polite">
          {saying(detail)}
        </p>
        {detail.activity && <p className="told font-mono text-xs text-ink-3">{plain(detail.activity)}</p>}
        <p className="mt-2 flex gap-4 text-sm">
          {detail.attempts.length > 0 && (
            <Link to={`${pathOf(detail)}/transcript`} className="text-accent hover:underline">
              Watch what it does
            </Link>
          )}
          <Link to={pathOf(detail)} className="text-accent hover:underline">
            {detail.state === "escalated" ? "Decide what becomes of it" : "Its ticket"}
          </Link>
        </p>
      </div>
      {last && (
        <div className="border-l-2 border-line pl-3.5">
          <p className="text-xs text-ink-3">
            Try {last.try_no} · {last.class_text}
          </p>
          <p className="told">{plainBlock(last.error).trim()}</p>
          {last.lines.length > 0 && <Lines lines={last.lines} />}
        </div>
      )}
    </section>
  );
}

function saying({ state, agent, wait, escalation }: TicketDetail): string {
  if (state === "working") return `The agent ${agent} reads the repository and writes the plan.`;
  if (state === "verifying") return "What it wrote is read and checked.";
  if (state === "escalated") return plain(escalation?.summary ?? "It is yours to decide.");
  if (state === "cancelled") return "It was cancelled before there was a plan.";
  if (state === "delivered") return "The planner proposed no ticket.";
  return wait.text ? `It waits for ${plain(wait.text)}.` : `It is ${state}.`;
}

function Aside({ plan, detail }: { plan: PlanView; detail: TicketDetail }) {
  const turns = waves(plan.tickets);
  return (
    <aside
      aria-label="About the plan"
      className="flex flex-col gap-6 text-sm lg:sticky lg:top-5 lg:self-start"
    >
      <section aria-label="In which order">
        <h2 className="eyebrow pb-1.5">In which order</h2>
        <ol className="flex flex-col gap-2">
          {turns.map((turn, at) => (
            <li key={turn[0]?.key} className="flex gap-2.5">
              <span className="figures w-4 shrink-0 text-right text-xs leading-5 text-ink-3">{at + 1}</span>
              <ul className="min-w-0 border-l border-line pl-2.5">
                {turn.map((ticket) => (
                  <li key={ticket.key} className="truncate">
                    <a href={`#${ticket.key}`} className="text-ink-2 hover:text-accent hover:underline">
                      {plain(ticket.title)}
                    </a>
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ol>
        {turns.length > 1 && (
          <p className="pt-2 text-xs text-ink-3">
            {count(turns.length, "turn")}: what stands in one can be worked on at the same time.
          </p>
        )}
      </section>
      <Goal detail={detail} />
    </aside>
  );
}
