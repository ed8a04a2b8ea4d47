// What needs a person, first things first, each with its reason, its evidence and what can be done.

import { useEffect, useMemo, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import type { TicketView } from "../../api";
import { useNeededDetails, useTickets } from "../../data/queries";
import { count } from "../../model/amount";
import { type Need, needs } from "../../model/needs";
import { plain } from "../../model/plain";
import { goalOf, undecided } from "../../model/plans";
import { toneOfState } from "../../model/states";
import { pathOf, planPath } from "../../shell/paths";
import { useProject } from "../../shell/project";
import { useStatus } from "../../shell/status";
import { Age, Empty, Key, Loading, Tag } from "../../ui/basics";
import { useKeys } from "../../ui/keys";
import { Mark } from "../../ui/Mark";
import { INK } from "../../ui/tone";
import { useWide } from "../../ui/wide";
import { Capacity } from "./Capacity";
import { NeedPanel } from "./NeedPanel";

export function Home() {
  const [project] = useProject();
  const { tickets, isPending } = useTickets(project);
  const { circuits } = useStatus();
  const details = useNeededDetails(tickets);
  const all = useMemo(() => needs(tickets, circuits, details), [tickets, circuits, details]);
  return (
    <div className="flex min-h-full flex-col md:h-full">
      <h1 className="sr-only">What needs you</h1>
      <Undecided tickets={tickets} />
      {isPending ? (
        <Loading what="Reading the board" />
      ) : all.length === 0 ? (
        <Nothing />
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
    <aside aria-label="Plans to decide" className="border-b border-line bg-attention-soft text-sm">
      <Link
        to={all.length > 1 ? "/plans" : planPath(ticket)}
        className="flex items-center gap-2.5 px-4 py-2 -outline-offset-2 hover:underline md:px-5"
      >
        <Mark state="review" />
        <span className="truncate">
          {all.length > 1
            ? `${count(all.length, "plan")} wait for your decision`
            : `${ticket.key} proposes ${count(drafts, "ticket")}: ${plain(goalOf(ticket.title))}`}
        </span>
        <span className="ml-auto shrink-0 font-medium text-attention">Decide</span>
      </Link>
    </aside>
  );
}

function Nothing() {
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
      <p className="mt-1 text-ink-3">What does will be here, as soon as it does.</p>
    </div>
  );
}

function Needs({ needs: all }: { needs: Need[] }) {
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
  const open = () => {
    if (chosen && "ticket" in chosen.about) navigate(pathOf(chosen.about.ticket));
  };
  const down = () => choose(at + 1);
  const up = () => choose(at - 1);
  useKeys({
    j: down,
    ArrowDown: down,
    k: up,
    ArrowUp: up,
    Escape: () => setChosenId(null),
    Enter: open,
  });
  return (
    <div className="flex min-h-0 flex-1 max-lg:flex-col">
      <section
        aria-label="Needs you"
        className="flex w-full flex-col lg:w-[26rem] lg:shrink-0 lg:border-r lg:border-line"
      >
        <div className="flex items-baseline gap-2 px-4 pt-4 pb-2.5 md:px-5">
          <p className="text-lg font-semibold tracking-tight" aria-hidden="true">
            Needs you
          </p>
          <span className="figures text-base text-ink-3">{all.length}</span>
          <span className="ml-auto hidden gap-1 lg:flex">
            <Key>j</Key>
            <Key>k</Key>
          </span>
        </div>
        <ul className="min-h-0 flex-1 overflow-y-auto px-2 pb-3 md:px-3">
          {all.map((need) => (
            <li key={need.id}>
              <Row
                need={need}
                chosen={need.id === chosenId}
                onChoose={() => setChosenId(need.id === chosenId && !wide ? null : need.id)}
                onOpen={open}
              />
              {need.id === chosenId && !wide && <NeedPanel need={need} inline />}
            </li>
          ))}
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
  onChoose(): void;
  onOpen(): void;
}

function Row({ need, chosen, onChoose, onOpen }: RowProps) {
  const { word, why, about, sinceUs, holdsUp } = need;
  const key = "ticket" in about ? about.ticket.key : about.kind;
  return (
    <button
      type="button"
      id={`need-${need.id}`}
      onClick={onChoose}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !chosen) return;
        event.preventDefault();
        onOpen();
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
      <span className="told line-clamp-2 pl-5.5">{why}</span>
    </button>
  );
}
