// Around every view: where one can go, what needs one, and whether what is shown is true.

import { useQuery } from "@tanstack/react-query";
import {
  CalendarClock,
  ChartNoAxesColumn,
  Inbox,
  LayoutGrid,
  ListTree,
  type LucideIcon,
  Plus,
  Search,
  Settings,
  TrainFront,
  Users,
} from "lucide-react";
import { Suspense, useMemo, useState } from "react";
import { NavLink, Outlet, useNavigate, useSearchParams } from "react-router";
import { useConnection } from "../data/connection";
import { useWhyNot } from "../data/me";
import { useNotices } from "../data/notices";
import { useOpened } from "../data/push";
import { projectsQuery, queueQuery, useTickets } from "../data/queries";
import { mayNeed } from "../model/needs";
import { undecided } from "../model/plans";
import { Key, Loading } from "../ui/basics";
import { COMMAND, useKeys } from "../ui/keys";
import { ConnectionBanner, ConnectionDot, LoggedOut } from "./Connection";
import { lazily } from "./lazily";
import { PLACES } from "./paths";
import { useProject } from "./project";
import { useStatus } from "./status";
import { Today } from "./Today";

const Palette = lazily(() => import("./Palette"), "Palette");
const NewTicket = lazily(() => import("../views/new/NewTicket"), "NewTicket");
const KeysHelp = lazily(() => import("./KeysHelp"), "KeysHelp");

const ICONS: Record<string, LucideIcon> = {
  "/": Inbox,
  "/board": LayoutGrid,
  "/plans": ListTree,
  "/schedules": CalendarClock,
  "/queue": TrainFront,
  "/agents": Users,
  "/insights": ChartNoAxesColumn,
  "/settings": Settings,
};

/** What stands behind the names of places. */
function useCounts(): Record<string, number> {
  const [project] = useProject();
  const { tickets } = useTickets(project);
  const { data: queue } = useQuery(queueQuery);
  const { circuits, nodes } = useStatus();
  return useMemo(() => {
    const inQueue = queue?.filter((entry) => !project || entry.project === project).length ?? 0;
    const short = nodes.flatMap((node) => node.alerts ?? []).length;
    return {
      "/": tickets.filter(mayNeed).length + circuits.length + short,
      "/plans": undecided(tickets).length,
      "/queue": inQueue,
    };
  }, [tickets, queue, circuits, nodes, project]);
}

export function Shell() {
  const navigate = useNavigate();
  const { phase } = useConnection();
  const [asked, setAsked] = useSearchParams();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const [project] = useProject();
  const counts = useCounts();
  useNotices(useTickets().tickets);
  useOpened(navigate);
  const adding = asked.has("new");
  const add = (open: boolean, what = "") =>
    setAsked((before) => {
      const next = new URLSearchParams(before);
      if (open) next.set("new", what);
      else for (const name of ["new", "title", "depends"]) next.delete(name);
      return next;
    });
  const to = (path: string) => (project ? `${path}?project=${encodeURIComponent(project)}` : path);

  useKeys(
    {
      "+": ["a new ticket", () => add(true)],
      P: ["ask for a plan", () => add(true, "plan")],
      "?": ["show the keys", () => setHelp(true)],
      ...Object.fromEntries(
        PLACES.map(({ key, path, title }) => [`g ${key}`, [title, () => navigate(to(path))] as const]),
      ),
    },
    { everywhere: true },
  );
  useCommandKey(() => setPalette((open) => !open));

  if (phase === "ended") return <LoggedOut />;
  const title = counts["/"] ? `(${counts["/"]}) Gangline` : "Gangline";
  return (
    <div className="flex h-full flex-col md:flex-row">
      <title>{title}</title>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2"
      >
        To the content
      </a>
      <SideBar counts={counts} to={to} onAdd={() => add(true)} onPalette={() => setPalette(true)} />
      <TopBar onAdd={() => add(true)} onPalette={() => setPalette(true)} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <ConnectionBanner />
        <main id="main" tabIndex={-1} className="min-h-0 flex-1 overflow-auto outline-none">
          {phase === "connecting" ? (
            <Loading what="Looking for the daemon" />
          ) : (
            <Suspense fallback={<Loading what="One moment" />}>
              <Outlet />
            </Suspense>
          )}
        </main>
      </div>
      <TabBar counts={counts} to={to} />
      <Suspense fallback={null}>
        {palette && (
          <Palette
            onClose={() => setPalette(false)}
            onAdd={(what) => add(true, what)}
            onHelp={() => setHelp(true)}
          />
        )}
        {adding && <NewTicket onClose={() => add(false)} />}
        {help && <KeysHelp onClose={() => setHelp(false)} />}
      </Suspense>
    </div>
  );
}

function useCommandKey(toggle: () => void): void {
  const [listening] = useState(() => {
    let act = toggle;
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      act();
    });
    return (next: () => void) => {
      act = next;
    };
  });
  listening(toggle);
}

interface BarProps {
  counts: Record<string, number>;
  to(path: string): string;
}

function SideBar({ counts, to, onAdd, onPalette }: BarProps & { onAdd(): void; onPalette(): void }) {
  const forbidden = useWhyNot()("L1");
  return (
    <header className="hidden w-52 shrink-0 flex-col border-r border-line bg-sunken md:flex">
      <div className="flex items-center gap-2.5 px-4 pt-4 pb-3">
        <img src="/icon.svg" alt="" className="size-6" />
        <span className="text-base font-semibold tracking-tight">gangline</span>
        <span className="ml-auto">
          <ConnectionDot />
        </span>
      </div>
      <div className="flex flex-col gap-1.5 px-3 pb-3">
        <ProjectPicker />
        <button
          type="button"
          onClick={onPalette}
          className="flex h-8 items-center gap-2 rounded-md border border-line bg-surface px-2.5 text-sm text-ink-3 hover:border-line-strong"
        >
          <Search className="size-3.5" aria-hidden="true" />
          Find or do
          <span className="ml-auto flex gap-1">
            <Key>{COMMAND}</Key>
            <Key>K</Key>
          </span>
        </button>
      </div>
      <nav aria-label="Views" className="flex flex-col gap-px px-2">
        {PLACES.map((place) => (
          <SideLink
            key={place.path}
            path={place.path}
            title={place.title}
            to={to(place.path)}
            letter={place.key}
            count={counts[place.path]}
          />
        ))}
      </nav>
      <div className="px-3 pt-3">
        <button
          type="button"
          onClick={onAdd}
          aria-keyshortcuts="+"
          disabled={forbidden !== null}
          title={forbidden ?? undefined}
          className="flex h-8 w-full items-center gap-2.5 rounded-md px-1.5 text-sm text-ink-2 hover:bg-hover hover:text-ink disabled:cursor-not-allowed disabled:opacity-50"
        >
          <Plus className="size-4" aria-hidden="true" />
          New ticket
          <span className="ml-auto">
            <Key>+</Key>
          </span>
        </button>
      </div>
      <div className="mt-auto">
        <Today />
      </div>
    </header>
  );
}

function SideLink({
  path,
  title,
  to,
  letter,
  count,
}: {
  path: string;
  title: string;
  to: string;
  letter: string;
  count?: number | undefined;
}) {
  const Icon = ICONS[path] ?? Inbox;
  return (
    <NavLink
      to={to}
      end={path === "/"}
      aria-keyshortcuts={`g ${letter}`}
      className={({ isActive }) =>
        `group flex h-8 items-center gap-2.5 rounded-md px-2.5 text-sm ${isActive ? "bg-chosen font-medium text-ink" : "text-ink-2 hover:bg-hover hover:text-ink"}`
      }
    >
      <Icon className="size-4 text-ink-3" strokeWidth={1.75} aria-hidden="true" />
      {title}
      {count ? <Count path={path} count={count} /> : null}
    </NavLink>
  );
}

function Count({ path, count }: { path: string; count: number }) {
  const look =
    path === "/" || path === "/plans" ? "bg-attention-soft text-attention font-semibold" : "text-ink-3";
  return <span className={`figures ml-auto rounded-full px-1.5 text-2xs ${look}`}>{count}</span>;
}

function ProjectPicker() {
  const [project, choose] = useProject();
  const { data } = useQuery(projectsQuery);
  return (
    <select
      aria-label="Project"
      value={project ?? ""}
      onChange={(event) => choose(event.target.value || undefined)}
      className="picker w-full min-w-0 text-sm!"
    >
      <option value="">All projects</option>
      {data?.map(({ name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

function TopBar({ onAdd, onPalette }: { onAdd(): void; onPalette(): void }) {
  return (
    <header className="flex items-center gap-2 border-b border-line bg-sunken px-3 py-2 md:hidden">
      <img src="/icon.svg" alt="Gangline" className="size-6" />
      <div className="min-w-0 flex-1">
        <ProjectPicker />
      </div>
      <ConnectionDot />
      <button
        type="button"
        onClick={onPalette}
        aria-label="Find or do"
        className="rounded-md p-2.5 text-ink-2"
      >
        <Search className="size-4.5" aria-hidden="true" />
      </button>
      <button type="button" onClick={onAdd} aria-label="New ticket" className="rounded-md p-2.5 text-ink-2">
        <Plus className="size-5" aria-hidden="true" />
      </button>
    </header>
  );
}

function TabBar({ counts, to }: BarProps) {
  return (
    <nav
      aria-label="Views"
      className="flex border-t border-line bg-sunken pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {PLACES.filter(({ aside }) => !aside).map(({ path, title }) => {
        const Icon = ICONS[path] ?? Inbox;
        return (
          <NavLink
            key={path}
            to={to(path)}
            end={path === "/"}
            className={({ isActive }) =>
              `relative flex min-h-13 flex-1 flex-col items-center justify-center gap-0.5 text-[10px] ${isActive ? "font-semibold text-accent" : "text-ink-3"}`
            }
          >
            <Icon className="size-5" strokeWidth={1.75} aria-hidden="true" />
            {title.replace("Merge queue", "Queue")}
            {counts[path] ? (
              <span className="figures absolute top-1 left-1/2 ml-2 rounded-full bg-attention px-1 text-[10px] leading-4 font-semibold text-surface">
                {counts[path]}
              </span>
            ) : null}
          </NavLink>
        );
      })}
    </nav>
  );
}
