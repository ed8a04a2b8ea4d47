// Goals that planners made tickets of: what a person has to decide about first.

import { useQueries } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useWhyNot } from "../../data/me";
import { isPlanQuery, useTickets } from "../../data/queries";
import { count } from "../../model/amount";
import { nameOf } from "../../model/needs";
import { plain } from "../../model/plain";
import { goalOf, type Plan, perhaps, plans } from "../../model/plans";
import { planPath } from "../../shell/paths";
import { useProject } from "../../shell/project";
import { Age, Button, Empty, Heading, Loading } from "../../ui/basics";
import { stepping, useKeys } from "../../ui/keys";
import { Page } from "../../ui/Page";
import { Standing } from "./Standing";

/** Tickets that are asked whether they are plans. */
const ASKED_MAX = 40;
/** Plans that are shown which nobody has to decide about any more. */
const DECIDED_SHOWN = 30;
const ENDED = new Set(["accepted", "dropped", "cancelled"]);

function usePlans(project: string | undefined) {
  const { tickets, isPending } = useTickets(project);
  const candidates = useMemo(() => perhaps(tickets).slice(0, ASKED_MAX), [tickets]);
  const are = useQueries({
    queries: candidates.map((ticket) => isPlanQuery(ticket)),
    combine: (results) =>
      candidates
        .filter((_, at) => results[at]?.data)
        .map(nameOf)
        .join(" "),
  });
  const all = useMemo(() => plans(tickets, new Set(are.split(" "))), [tickets, are]);
  return { all, isPending };
}

export function Plans() {
  const navigate = useNavigate();
  const list = useRef<HTMLDivElement>(null);
  const [project] = useProject();
  const { all, isPending } = usePlans(project);
  const yours = ({ decide, standing }: Plan) => decide || standing === "escalated";
  const parts = [
    { title: "Yours to decide", plans: all.filter(yours) },
    { title: "Being planned", plans: all.filter((plan) => !yours(plan) && !ENDED.has(plan.standing)) },
    { title: "Decided", plans: all.filter(({ standing }) => ENDED.has(standing)).slice(0, DECIDED_SHOWN) },
  ].filter((part) => part.plans.length > 0);
  useKeys({ ...stepping(list, "a[data-plan]"), Escape: ["back", () => navigate("/")] });
  return (
    <Page
      title="Plans"
      about="A goal that is more than one ticket: an agent proposes them, you decide."
      right={
        <div className="flex items-center gap-3">
          <Link to="/schedules" className="text-sm text-accent hover:underline md:hidden">
            Schedules
          </Link>
          <AskForOne />
        </div>
      }
    >
      {isPending ? (
        <Loading what="Reading plans" />
      ) : parts.length === 0 ? (
        <Empty title="Nothing was planned so far">
          Say what is to be achieved. What comes back is tickets with dependencies, scopes and acceptance
          checks; you change them, accept them or drop them.
        </Empty>
      ) : (
        <div ref={list} className="flex flex-col gap-8">
          {parts.map(({ title, plans: some }) => (
            <section key={title} aria-label={title}>
              <Heading>{title}</Heading>
              <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
                {some.map((plan) => (
                  <Row key={nameOf(plan.ticket)} plan={plan} />
                ))}
              </ul>
            </section>
          ))}
        </div>
      )}
    </Page>
  );
}

function AskForOne() {
  const [, setAsked] = useSearchParams();
  const forbidden = useWhyNot()("L1");
  const ask = () =>
    setAsked((before) => {
      const next = new URLSearchParams(before);
      next.set("new", "plan");
      return next;
    });
  return (
    <Button look="strong" shortcut="P" onClick={ask} forbidden={forbidden}>
      Ask for a plan
    </Button>
  );
}

/** What became of its tickets, in a few words. */
function came({ proposed, standing }: Plan): string {
  const are = (...states: string[]) => proposed.filter(({ state }) => states.includes(state)).length;
  if (proposed.length === 0) return "";
  if (standing === "delivered") {
    const left = are("draft");
    return left === proposed.length
      ? count(left, "ticket")
      : `${left} of ${count(proposed.length, "ticket")} left`;
  }
  if (standing === "accepted")
    return `${are("landed", "delivered")} of ${proposed.length - are("cancelled")} done`;
  return count(proposed.length, "ticket");
}

function Row({ plan }: { plan: Plan }) {
  const { ticket, standing } = plan;
  return (
    <li>
      <Link
        to={planPath(ticket)}
        data-plan={ticket.key}
        className="flex flex-wrap items-center gap-x-3 gap-y-0.5 px-4 py-2.5 -outline-offset-2 hover:bg-hover"
      >
        <Standing standing={standing} className="text-xs text-ink-2 sm:w-24" />
        <span className="font-mono text-xs text-ink-3 sm:w-20">{ticket.key}</span>
        <span className="told min-w-0 flex-1 font-medium max-sm:order-last max-sm:basis-full">
          {plain(goalOf(ticket.title))}
        </span>
        <span className="figures ml-auto text-xs text-ink-3">{came(plan)}</span>
        <span className="text-right text-xs text-ink-3 sm:w-12">
          <Age us={ticket.since_us} />
        </span>
      </Link>
    </li>
  );
}
