// What is decided about a plan: which of its drafts are opened, or that none is.

import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { toast } from "sonner";
import { given, type PlannedView, type PlanView } from "../../api";
import { client } from "../../data/daemon";
import { useWhyNot } from "../../data/me";
import { tellFailure } from "../../data/wishes";
import { count } from "../../model/amount";
import { heldBack } from "../../model/plans";
import { pathOf } from "../../shell/paths";
import { Button, Forbidden, Heading } from "../../ui/basics";
import { stepping, useKeys } from "../../ui/keys";
import { Proposed } from "./Proposed";

const OF = "/api/v1/projects/{project}/tickets/{key}/plan";
type Ask = "accept" | "drop";

/** Some tickets, by their keys. */
const named = (keys: string[]) => (keys.length > 3 ? count(keys.length, "ticket") : keys.join(", "));
const verb = (n: number, one: string, many: string) => (n === 1 ? one : many);

function useDeciding(plan: PlanView) {
  const queries = useQueryClient();
  const params = { path: { project: plan.project, key: plan.key } };
  const tried = async (what: () => Promise<void>) => {
    try {
      await what();
      return true;
    } catch (error) {
      tellFailure(error);
      return false;
    } finally {
      for (const kind of ["plan", "tickets", "ticket"]) void queries.invalidateQueries({ queryKey: [kind] });
    }
  };
  const accept = (keys: string[]) =>
    tried(async () => {
      const { started, waiting } = await given(
        client.POST(`${OF}/accept`, { params, body: { tickets: keys } }),
      );
      toast.success(`${count(started.length, "ticket")} opened`, {
        description: waiting.length > 0 ? `Waiting for drafts of the plan: ${waiting.join(", ")}` : undefined,
      });
    });
  const drop = () =>
    tried(async () => {
      const { dropped, dependents } = await given(client.POST(`${OF}/drop`, { params }));
      toast.success(`${count(dropped.length, "draft")} dropped`, {
        description:
          dependents.length > 0
            ? `These waited for one, and cannot start: ${dependents.join(", ")}`
            : undefined,
      });
    });
  return { accept, drop };
}

interface DecisionProps {
  plan: PlanView;
  about: ReactNode;
  aside: ReactNode;
}

export function Decision({ plan, about, aside }: DecisionProps) {
  const navigate = useNavigate();
  const list = useRef<HTMLOListElement>(null);
  const [without, setWithout] = useState<Set<string>>(new Set());
  const [editing, setEditing] = useState<string | null>(null);
  const [asking, setAsking] = useState<Ask | null>(null);
  const forbidden = useWhyNot()("L1");
  const drafts = plan.tickets.filter(({ state }) => state === "draft");
  // Of a single one there is no choice.
  const chosen = drafts.length === 1 ? drafts : drafts.filter(({ key }) => !without.has(key));
  const choose = (key: string, on: boolean) =>
    setWithout((before) => {
      const next = new Set(before);
      if (on) next.delete(key);
      else next.add(key);
      return next;
    });
  const at = () => document.activeElement?.closest<HTMLElement>("[data-planned]")?.dataset.planned ?? null;
  const ofDraft = (act: (key: string) => void) => () => {
    const key = at();
    if (key && !forbidden && drafts.some((draft) => draft.key === key)) act(key);
  };
  const may = drafts.length > 0 && forbidden === null;
  const open = () => {
    const key = at();
    if (key) navigate(pathOf({ project: plan.project, key }));
  };
  useKeys(
    {
      y: may && chosen.length > 0 ? ["accept what is ticked", () => setAsking("accept")] : undefined,
      c: may ? ["drop what is still a draft", () => setAsking("drop")] : undefined,
      ...stepping(list, "[data-planned]"),
      e: may ? ["change a draft", ofDraft(setEditing)] : undefined,
      x: may ? ["tick a draft, or leave it", ofDraft((key) => choose(key, without.has(key)))] : undefined,
      Enter: ["open its ticket", open],
      Escape: ["back", () => navigate("/plans")],
    },
    { enabled: asking === null && editing === null },
  );
  return (
    <>
      {drafts.length > 0 && (
        <div
          data-keys={asking === null ? "y c e x" : undefined}
          className="sticky top-0 z-10 -mx-4 -mt-2 border-b border-line bg-ground px-4 py-2 md:-mx-8 md:px-8"
        >
          {asking ? (
            <Sure
              plan={plan}
              ask={asking}
              chosen={chosen}
              onEnd={(done) => {
                setAsking(null);
                // What was left out then is decided about anew.
                if (done) setWithout(new Set());
              }}
            />
          ) : (
            <Asks drafts={drafts} chosen={chosen} forbidden={forbidden} onAsk={setAsking} />
          )}
        </div>
      )}
      <div className="grid gap-x-10 gap-y-6 lg:grid-cols-[minmax(0,1fr)_16rem]">
        <div className="flex min-w-0 flex-col gap-6">
          {about}
          <section aria-label="Proposed tickets">
            <Heading>{count(plan.tickets.length, "proposed ticket")}</Heading>
            <ol ref={list} className="flex flex-col gap-3">
              {plan.tickets.map((ticket, n) => (
                <Proposed
                  key={ticket.key}
                  number={n + 1}
                  ticket={ticket}
                  plan={plan.tickets}
                  chosen={may && drafts.length > 1 ? !without.has(ticket.key) : undefined}
                  editing={editing === ticket.key}
                  forbidden={forbidden}
                  onChoose={(on) => choose(ticket.key, on)}
                  onEdit={(open) => setEditing(open ? ticket.key : null)}
                />
              ))}
            </ol>
          </section>
        </div>
        {aside}
      </div>
    </>
  );
}

interface AsksProps {
  drafts: PlannedView[];
  chosen: PlannedView[];
  forbidden: string | null;
  onAsk(ask: Ask): void;
}

function Asks({ drafts, chosen, forbidden, onAsk }: AsksProps) {
  const all = chosen.length === drafts.length;
  const some = drafts.length === 1 ? "Accept" : `Accept all ${drafts.length}`;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button
        look="strong"
        shortcut="y"
        onClick={() => onAsk("accept")}
        disabled={chosen.length === 0}
        forbidden={forbidden}
      >
        {all ? some : `Accept ${chosen.length} of ${drafts.length}`}
      </Button>
      <Button look="bad" shortcut="c" onClick={() => onAsk("drop")} forbidden={forbidden}>
        Drop
      </Button>
      {forbidden ? (
        <Forbidden why={forbidden} />
      ) : (
        <p className="text-xs text-ink-3 max-sm:hidden">Nothing is worked on before you accept it.</p>
      )}
    </div>
  );
}

interface SureProps {
  plan: PlanView;
  ask: Ask;
  chosen: PlannedView[];
  onEnd(done: boolean): void;
}

/** A second look: what will happen. */
function Sure({ plan, ask, chosen, onEnd }: SureProps) {
  const [under, setUnder] = useState(false);
  const { accept, drop } = useDeciding(plan);
  const go = async () => {
    setUnder(true);
    if (await (ask === "accept" ? accept(chosen.map(({ key }) => key)) : drop())) onEnd(true);
    else setUnder(false);
  };
  const drafts = plan.tickets.filter(({ state }) => state === "draft");
  return (
    <form
      aria-label={ask === "accept" ? "Accept" : "Drop"}
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onEnd(false);
      }}
      className="flex flex-col gap-2.5 rounded-lg border border-line bg-sunken p-3.5"
    >
      {ask === "accept" ? (
        <Accepting plan={plan} chosen={chosen} />
      ) : (
        <p className="text-ink-2">
          {named(drafts.map(({ key }) => key))} {verb(drafts.length, "is", "are")} cancelled. What was
          accepted before goes on.
        </p>
      )}
      <div className="flex items-center gap-2">
        <Button type="submit" look={ask === "accept" ? "strong" : "bad"} disabled={under} autoFocus>
          {ask === "accept"
            ? `Accept ${count(chosen.length, "ticket")}`
            : `Drop ${count(drafts.length, "draft")}`}
        </Button>
        <Button look="quiet" onClick={() => onEnd(false)}>
          Not now
        </Button>
      </div>
    </form>
  );
}

function Accepting({ plan, chosen }: { plan: PlanView; chosen: PlannedView[] }) {
  const keys = new Set(chosen.map(({ key }) => key));
  const held = heldBack(plan.tickets, keys);
  const first = chosen.filter(
    ({ key, dependencies = [] }) => !held.has(key) && !dependencies.some((on) => keys.has(on)),
  );
  const later = chosen.length - first.length - held.size;
  return (
    <div className="text-ink-2">
      <p>
        {first.length > 0 &&
          `${named(first.map(({ key }) => key))} ${verb(first.length, "begins", "begin")} as soon as there is an agent.`}
        {later > 0 && ` ${count(later, "ticket")} ${verb(later, "waits", "wait")} for others of the plan.`}
      </p>
      {[...held].map(([key, on]) => (
        <p key={key} className="mt-1 text-attention">
          {key} will wait for {on.join(", ")}, which you leave as {verb(on.length, "a draft", "drafts")}.
        </p>
      ))}
    </div>
  );
}
