// What needs a person, first things first, each with its reason, its evidence and what can be done.

import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import type { TicketView } from "../../api";
import { useNeededDetails, useTickets } from "../../data/queries";
import { count, whole } from "../../model/amount";
import { type Need, needs as needsOf } from "../../model/needs";
import { plain } from "../../model/plain";
import { goalOf, undecided } from "../../model/plans";
import { toneOfState } from "../../model/states";
import { pathOf, planPath } from "../../shell/paths";
import { useProject } from "../../shell/project";
import { useStatus } from "../../shell/status";
import { Age, Empty, Key, Loading, Tag } from "../../ui/basics";
import { upAndDown, useKeys } from "../../ui/keys";
import { Mark } from "../../ui/Mark";
import { INK } from "../../ui/tone";
import { useWide } from "../../ui/wide";
import { First } from "../new/First";
import { Capacity } from "./Capacity";
import { NeedPanel } from "./NeedPanel";
import { Strip } from "./Strip";
import { Unfollowed } from "./Unfollowed";

export function Home() {
  const [project] = useProject();
  const { tickets, isPending } = useTickets(project);
  const { circuits, nodes } = useStatus();
  const details = useNeededDetails(tickets);
  const all = useMemo(() => needsOf(tickets, circuits, details, nodes), [tickets, circuits, details, nodes]);
  return (
    <div className="flex min-h-full flex-col md:h-full">
      <h1 className="sr-only">What needs you</h1>
      <Unfollowed />
      <Undecided tickets={tickets} />
      {isPending ? (
        <Loading what="Reading the board" />
      ) : all.length === 0 ? (
        <Nothing first={tickets.length === 0} />
      ) : (
        <Needs needs={all} />
      )}
      <Capacity />
    </div>
  );
}

/** Plans that were delivered: they block nobody, and wait for a decision all the same. */
function Undecided({ tickets }: { tickets: TicketView[] }) {
  const all = useMemo(() => undecided(tickets), [tickets]);
  const [first] = all;
  if (!first) return null;
  const { ticket, proposed } = first;
  const drafts = proposed.filter(({ state }) => state === "draft").length;
  return (
    <Strip
      label="Plans to decide"
      to={all.length > 1 ? "/plans" : planPath(ticket)}
      act="Decide"
      mark="review"
      tone="attention"
    >
      {all.length > 1
        ? `${count(all.length, "plan")} wait for your decision`
        : `${ticket.key} proposes ${count(drafts, "ticket")}: ${plain(goalOf(ticket.title))}`}
    </Strip>
  );
}

function Nothing({ first }: { first: boolean }) {
  return (
    <div className="flex flex-1 flex-col items-center justify-center px-6 py-20 text-center">
      <svg viewBox="0 0 240 90" className="mb-6 w-60 text-line-strong" aria-hidden="true">
        <path
          d="M0 74 C 50 74 62 40 96 40 S 150 68 178 62 S 216 50 240 52"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.500"
        />
        <path
          d="M96 40 V 26 M96 26 l10 4 -10 4"
          fill="none"
          stroke="var(--good)"
          strokeWidth="1.800"
          strokeLinejoin="round"
          strokeLinecap="round"
        />
        <circle cx="200" cy="22" r="9" fill="none" stroke="currentColor" strokeWidth="1.500" />
      </svg>
      <p className="text-xl font-semibold tracking-tight">Nothing needs you</p>
      <p className="mt-1 text-ink-3">
        {first ? "There is no ticket yet." : "What does will be here, as soon as it does."}
      </p>
      {first && <First />}
    </div>
  );
}

/** Rows that are drawn: who has more to do begins with these. */
const ROWS_MAX = 100;

function Needs({ needs }: { needs: Need[] }) {
  const all = useMemo(() => needs.slice(0, ROWS_MAX), [needs]);
  const navigate = useNavigate();
  const wide = useWide();
  // On a phone nothing is open at first.
  const [chosenId, setChosenId] = useState<string | null>(() => (wide ? (all[0]?.id ?? null) : null));
  const place = useRef(0);
  const at = all.findIndex((need) => need.id === chosenId);
  if (at >= 0) place.current = at;
  const chosen = all[at];
  // When what was chosen is done with, the next one takes its place, where there is room beside the list.
  useEffect(() => {
    if (!chosenId || all.some((need) => need.id === chosenId)) return;
    setChosenId(wide ? (all[Math.min(place.current, all.length - 1)]?.id ?? null) : null);
  }, [all, chosenId, wide]);
  const choose = (to: number) => {
    const next = all[Math.max(0, Math.min(to, all.length - 1))];
    if (!next) return;
    setChosenId(next.id);
    document.getElementById(`need-${next.id}`)?.focus();
  };
  const toggle = useCallback(
    (id: string) => setChosenId((before) => (before === id && !wide ? null : id)),
    [wide],
  );
  const opened = useCallback(
    ({ about }: Need) => {
      if ("ticket" in about) navigate(pathOf(about.ticket));
    },
    [navigate],
  );
  useKeys({
    ...upAndDown(
      () => choose(at + 1),
      () => choose(at - 1),
    ),
    Enter: ["open its ticket", () => chosen && opened(chosen)],
    Escape: ["choose nothing", () => setChosenId(null)],
  });
  return (
    <div className="flex min-h-0 flex-1 max-lg:flex-col">
      <section
        aria-label="Needs you"
        className="flex w-full flex-col lg:w-[22rem] xl:w-[26rem] lg:shrink-0 lg:border-r lg:border-line"
      >
        <div className="flex items-baseline gap-2 px-4 pt-4 pb-2.5 md:px-5">
          <p className="text-lg font-semibold tracking-tight" aria-hidden="true">
            Needs you
          </p>
          <span className="figures text-base text-ink-3">{whole(needs.length)}</span>
          <span className="ml-auto hidden gap-1 lg:flex">
            <Key>j</Key>
            <Key>k</Key>
          </span>
        </div>
        <ul className="min-h-0 flex-1 overflow-y-auto px-2 pb-3 md:px-3">
          {all.map((need) => (
            <li key={need.id}>
              <Row need={need} chosen={need.id === chosenId} onChoose={toggle} onOpen={opened} />
              {need.id === chosenId && !wide && <NeedPanel need={need} inline />}
            </li>
          ))}
          {needs.length > all.length && (
            <li className="px-2.5 py-2 text-xs text-ink-3">
              {whole(needs.length - all.length)} more, when these are done.
            </li>
          )}
        </ul>
      </section>
      {wide && (
        <section aria-label="In full" className="min-w-0 flex-1 overflow-y-auto">
          {chosen ? <NeedPanel key={chosen.id} need={chosen} /> : <Empty title="Choose what to look at" />}
        </section>
      )}
    </div>
  );
}

interface RowProps {
  need: Need;
  chosen: boolean;
  onChoose(id: string): void;
  onOpen(need: Need): void;
}

const Row = memo(function Row({ need, chosen, onChoose, onOpen }: RowProps) {
  const { word, title, why, about, sinceUs, holdsUp } = need;
  const key = "ticket" in about ? about.ticket.key : "node" in about ? about.node : about.kind;
  return (
    <button
      type="button"
      id={`need-${need.id}`}
      onClick={() => onChoose(need.id)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !chosen) return;
        event.preventDefault();
        onOpen(need);
      }}
      aria-current={chosen ? "true" : undefined}
      data-need={word}
      className={`flex w-full flex-col gap-0.5 rounded-md px-2.5 py-2 text-left ${chosen ? "bg-chosen" : "hover:bg-hover"}`}
    >
      <span className="flex w-full items-center gap-2 text-xs">
        <Mark state={word} />
        <span className={`font-medium ${INK[toneOfState(word)]}`}>{word}</span>
        <span className="font-mono text-2xs text-ink-3">{key}</span>
        <span className="ml-auto flex items-center gap-2 text-ink-3">
          {holdsUp.length > 0 && <Tag>holds up {holdsUp.length}</Tag>}
          {sinceUs !== null && <Age us={sinceUs} />}
        </span>
      </span>
      <span className={`told pl-5.5 font-medium ${chosen ? "" : "line-clamp-2"}`}>{title}</span>
      <span className={`told pl-5.5 text-ink-2 ${chosen ? "" : "line-clamp-2"}`}>{why}</span>
    </button>
  );
});
