// All tickets: as cards by state, as a list, or as the graph of what waits for what.

import { Suspense, useDeferredValue, useMemo, useRef, useState } from "react";
import { NavLink, useNavigate, useParams, useSearchParams } from "react-router";
import { useTickets } from "../../data/queries";
import { count, whole } from "../../model/amount";
import { filtered, type Lanes } from "../../model/board";
import { lazily } from "../../shell/lazily";
import { useProject } from "../../shell/project";
import { Empty, Key, Loading } from "../../ui/basics";
import { useKeys } from "../../ui/keys";
import { First } from "../new/First";
import { Cards } from "./Cards";
import { List } from "./List";

const Graph = lazily(() => import("./Graph"), "Graph");

const VIEWS = [
  { view: "", title: "Cards" },
  { view: "list", title: "List" },
  { view: "graph", title: "Graph" },
];
const addressOf = (view: string) => (view ? `/board/${view}` : "/board");
const LANES: Lanes[] = ["none", "agent", "label", "priority", "project"];

export function Board() {
  const { view = "" } = useParams();
  const [project] = useProject();
  const { tickets, isPending } = useTickets(project);
  const navigate = useNavigate();
  const [asked, setAsked] = useSearchParams();
  const field = useRef<HTMLInputElement>(null);
  const set = (name: string, value: string) =>
    setAsked(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  // The address follows what is typed; it is too slow to be what is typed.
  const [text, setText] = useState(asked.get("find") ?? "");
  const find = (to: string) => {
    setText(to);
    set("find", to);
  };
  const lanes = (LANES as string[]).includes(asked.get("lanes") ?? "")
    ? (asked.get("lanes") as Lanes)
    : "none";
  const meant = useDeferredValue(text);
  const found = useMemo(() => filtered(tickets, meant), [tickets, meant]);
  useKeys({
    "/": ["filter", () => field.current?.focus()],
    ...Object.fromEntries(
      VIEWS.map(({ view: to, title }, at) => [
        `${at + 1}`,
        [title.toLowerCase(), () => navigate({ pathname: addressOf(to), search: asked.toString() })] as const,
      ]),
    ),
    Escape: text ? ["show all again", () => find("")] : undefined,
  });
  return (
    <div className="flex h-full flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2 px-4 pt-4 pb-3 md:px-6">
        <h1 className="text-lg font-semibold tracking-tight">Board</h1>
        <span
          className="figures text-base text-ink-3"
          role="status"
          aria-label={count(found.length, "ticket")}
        >
          {whole(found.length)}
        </span>
        <nav aria-label="Kinds of board" className="segments">
          {VIEWS.map(({ view: to, title }) => (
            <NavLink key={to} end to={{ pathname: addressOf(to), search: asked.toString() }}>
              {title}
            </NavLink>
          ))}
        </nav>
        {view === "" && (
          <select
            aria-label="Lanes"
            value={lanes}
            onChange={(event) => set("lanes", event.target.value === "none" ? "" : event.target.value)}
            className="picker"
          >
            {LANES.map((lane) => (
              <option key={lane} value={lane}>
                {lane === "none" ? "no lanes" : `lanes by ${lane}`}
              </option>
            ))}
          </select>
        )}
        <div className="relative ml-auto min-w-40 flex-1 sm:max-w-64">
          <input
            ref={field}
            type="search"
            aria-label="Filter"
            placeholder="Filter by words"
            value={text}
            onChange={(event) => find(event.target.value)}
            onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
            className="h-8 w-full rounded-md border border-line bg-surface px-2.5 text-sm placeholder:text-ink-3 hover:border-line-strong max-sm:text-[16px] pointer-coarse:h-10"
          />
          {!text && (
            <span className="pointer-events-none absolute top-2 right-2">
              <Key>/</Key>
            </span>
          )}
        </div>
      </div>
      <div className="min-h-0 flex-1">
        {isPending ? (
          <Loading what="Reading the board" />
        ) : found.length === 0 ? (
          <>
            <Empty title={text ? "No ticket has these words" : "There is no ticket yet"}>
              {text ? "" : "A line is enough for the first one."}
            </Empty>
            {!text && <First />}
          </>
        ) : (
          <Suspense fallback={<Loading what="One moment" />}>
            {view === "list" ? (
              <List tickets={found} />
            ) : view === "graph" ? (
              <Graph tickets={found} />
            ) : (
              <Cards tickets={found} by={lanes} />
            )}
          </Suspense>
        )}
      </div>
    </div>
  );
}
