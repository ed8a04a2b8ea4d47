// The merge lane of each project as a train: who is in it, who comes next, and what each waits for.

import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { Link, useNavigate } from "react-router";
import type { JobPulse, QueueEntry } from "../../api";
import { useWhyNot } from "../../data/me";
import { useSaid } from "../../data/now";
import { insightsQuery, projectsQuery, queueQuery, useTickets } from "../../data/queries";
import { useWish } from "../../data/wishes";
import { short } from "../../model/amount";
import { due, judgedBy, jump, type Lane, usual, waitsFor } from "../../model/lane";
import { nameOf } from "../../model/needs";
import { plain } from "../../model/plain";
import { pathOf } from "../../shell/paths";
import { useProject } from "../../shell/project";
import { pulsesOf, useStatus } from "../../shell/status";
import { Age, Button, Empty, Heading, Loading } from "../../ui/basics";
import { stepping, useKeys } from "../../ui/keys";
import { Mark } from "../../ui/Mark";
import { Page } from "../../ui/Page";
import { Priority } from "../../ui/Priority";

/** Landings that are shown below the lane. */
const LANDED_SHOWN = 12;

/** The lane of each project in which anything is. */
function useLanes(entries: QueueEntry[]): Map<string, Lane> {
  const { tickets } = useTickets();
  const { data: projects } = useQuery(projectsQuery);
  // What landings take is counted since the beginning, whichever days are told.
  const { data: figures } = useQuery(insightsQuery(1));
  return useMemo(() => {
    const names = [...new Set(entries.map((entry) => entry.project))];
    return new Map(
      names.map((name) => {
        const project = projects?.find((each) => each.name === name);
        const lane: Lane = {
          entries: entries.filter((entry) => entry.project === name),
          tickets: new Map(tickets.filter((each) => each.project === name).map((each) => [each.key, each])),
          landing: project?.landing ?? "local",
          paused: project?.paused ?? false,
          usual: usual(figures?.find((each) => each.project === name)),
        };
        return [name, lane];
      }),
    );
  }, [entries, tickets, projects, figures]);
}

export function Queue() {
  const [project] = useProject();
  const { data, isPending } = useQuery(queueQuery);
  const { tickets } = useTickets(project);
  const { nodes } = useStatus();
  const pulses = useMemo(() => pulsesOf(nodes), [nodes]);
  const entries = useMemo(
    () => (data ?? []).filter((entry) => !project || entry.project === project),
    [data, project],
  );
  const lanes = useLanes(entries);
  const navigate = useNavigate();
  const wish = useWish();
  const forbidden = useWhyNot()("L1");
  const list = useRef<HTMLDivElement>(null);
  const chosen = () => {
    const name = document.activeElement?.closest<HTMLElement>("[data-wagon]")?.dataset.wagon;
    return entries.find((entry) => nameOf(entry) === name);
  };
  const open = () => {
    const entry = chosen();
    if (entry) navigate(pathOf(entry));
  };
  const eject = () => {
    const entry = chosen();
    if (entry && entry.state !== "landing") void wish(entry, { act: "hold" });
  };
  const next = () => {
    const entry = chosen();
    const lane = entry && lanes.get(entry.project);
    if (lane && jump(lane, entry).may) void wish(entry, { act: "next" });
  };
  useKeys({
    ...stepping(list, "[data-wagon], [data-landed]"),
    h: forbidden || entries.length === 0 ? undefined : ["take it out of the queue and hold it", eject],
    n: forbidden || entries.length === 0 ? undefined : ["make it the next one in the lane", next],
    Enter: ["open its ticket", open],
    Escape: ["back", () => navigate("/")],
  });
  const landed = tickets
    .filter(({ state }) => state === "landed")
    .toSorted((a, b) => b.since_us - a.since_us);
  return (
    <Page title="Merge queue" about="One after another: built as merged, measured, swapped, read back.">
      <div ref={list} className="contents">
        {isPending ? (
          <Loading what="Reading the queue" />
        ) : entries.length === 0 ? (
          <Empty title="Nothing waits to land">What is approved comes here.</Empty>
        ) : (
          [...lanes].map(([name, lane]) => (
            <section key={name} aria-label={name}>
              <Heading>{name}</Heading>
              <ol className="relative ml-2 border-l-2 border-line">
                {lane.entries.map((entry) => (
                  <Wagon key={entry.key} entry={entry} lane={lane} pulse={pulses.get(nameOf(entry))} />
                ))}
              </ol>
            </section>
          ))
        )}
        {landed.length > 0 && (
          <section aria-label="Landed last">
            <Heading>Landed last</Heading>
            <ul>
              {landed.slice(0, LANDED_SHOWN).map((ticket) => (
                <li key={nameOf(ticket)}>
                  <Link
                    to={pathOf(ticket)}
                    data-landed={ticket.key}
                    className="-mx-2 flex items-center gap-3 rounded-md px-2 py-1 hover:bg-hover pointer-coarse:py-2.5"
                  >
                    <Mark state="landed" />
                    <span className="w-20 shrink-0 font-mono text-xs text-ink-3">{ticket.key}</span>
                    <span className="truncate">{plain(ticket.title)}</span>
                    <span className="ml-auto shrink-0 text-xs text-ink-3">
                      <Age us={ticket.since_us} /> ago
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </Page>
  );
}

interface WagonProps {
  entry: QueueEntry;
  lane: Lane;
  pulse: JobPulse | undefined;
}

function Wagon({ entry, lane, pulse }: WagonProps) {
  const landing = entry.state === "landing";
  return (
    <li
      className="group relative pb-3 pl-6 outline-none last:pb-0"
      data-position={entry.position}
      data-wagon={nameOf(entry)}
      tabIndex={-1}
    >
      <span
        className={`absolute top-3.5 -left-[7px] size-3 rounded-full border-2 ${landing ? "breathing border-accent bg-accent" : "border-line-strong bg-ground"}`}
        aria-hidden="true"
      />
      <div
        className={`rounded-lg border bg-surface px-4 py-2.5 group-focus:outline-2 group-focus:outline-accent ${landing ? "border-accent" : "border-line"}`}
      >
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-3">
          <span className="figures font-semibold text-ink-2">#{entry.position}</span>
          <Mark state={entry.state} />
          <span>{entry.state}</span>
          <Priority priority={lane.tickets.get(entry.key)?.priority ?? ""} />
          <span className="font-mono">{entry.key}</span>
          <code className="font-mono">{short(entry.commit)}</code>
          <span>approved by {plain(entry.approved_by.replace(/^person:/, ""))}</span>
          <span className="ml-auto">
            <Age us={entry.since_us} />
          </span>
        </p>
        <div className="mt-0.5 flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
          <div className="min-w-0 flex-1 basis-64">
            <Link to={pathOf(entry)} className="told text-base font-medium hover:underline">
              {plain(entry.title)}
            </Link>
            <p className="told text-xs text-ink-3">
              {pulse?.current ? plain(pulse.current) : waitsFor(lane, entry)}
            </p>
            <Due lane={lane} entry={entry} />
          </div>
          {!landing && <Acts lane={lane} entry={entry} />}
        </div>
      </div>
    </li>
  );
}

/** When it has probably landed, as far as anybody can say. */
function Due({ lane, entry }: { lane: Lane; entry: QueueEntry }) {
  const said = useSaid((nowMs) => due(lane, entry, nowMs));
  return (
    <p className="text-xs text-ink-3" data-due>
      Lands:{" "}
      <span className="figures text-ink-2" title={judgedBy(lane)}>
        {said}
      </span>
    </p>
  );
}

function Acts({ lane, entry }: { lane: Lane; entry: QueueEntry }) {
  const wish = useWish();
  const forbidden = useWhyNot()("L1");
  const { may, why } = jump(lane, entry);
  return (
    <div className="flex gap-1 max-sm:-ml-3">
      <Button
        look="quiet"
        shortcut="n"
        onClick={() => void wish(entry, { act: "next" })}
        title={why}
        disabled={!may}
        forbidden={forbidden}
        aria-label={`Next: ${entry.key}`}
      >
        Next
      </Button>
      <Button
        look="quiet"
        shortcut="h"
        onClick={() => void wish(entry, { act: "hold" })}
        title="Take it out of the queue and hold it"
        forbidden={forbidden}
        aria-label={`Eject ${entry.key}`}
      >
        Eject
      </Button>
    </div>
  );
}
