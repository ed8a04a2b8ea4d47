// The merge lane of each project as a train: who is in it, who comes next, and what each waits for.

import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { Link, useNavigate } from "react-router";
import type { JobPulse, QueueEntry, TicketView } from "../../api";
import { useWhyNot } from "../../data/me";
import { queueQuery, useTickets } from "../../data/queries";
import { useWish } from "../../data/wishes";
import { short } from "../../model/amount";
import { nameOf } from "../../model/needs";
import { plain } from "../../model/plain";
import { pathOf } from "../../shell/paths";
import { useProject } from "../../shell/project";
import { pulsesOf, useStatus } from "../../shell/status";
import { Age, Button, Empty, Heading, Loading } from "../../ui/basics";
import { stepping, useKeys } from "../../ui/keys";
import { Mark } from "../../ui/Mark";
import { Page } from "../../ui/Page";

/** Landings that are shown below the lane. */
const LANDED_SHOWN = 12;

export function Queue() {
  const [project] = useProject();
  const { data, isPending } = useQuery(queueQuery);
  const { tickets } = useTickets(project);
  const { nodes } = useStatus();
  const pulses = useMemo(() => pulsesOf(nodes), [nodes]);
  const known = useMemo(() => new Map(tickets.map((ticket) => [nameOf(ticket), ticket])), [tickets]);
  const entries = (data ?? []).filter((entry) => !project || entry.project === project);
  const projects = [...new Set(entries.map((entry) => entry.project))];
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
  useKeys({
    ...stepping(list, "[data-wagon], [data-landed]"),
    h: forbidden || entries.length === 0 ? undefined : ["take it out of the queue and hold it", eject],
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
          projects.map((name) => (
            <section key={name} aria-label={name}>
              <Heading>{name}</Heading>
              <ol className="relative ml-2 border-l-2 border-line">
                {entries
                  .filter((entry) => entry.project === name)
                  .map((entry) => (
                    <Wagon
                      key={entry.key}
                      entry={entry}
                      ticket={known.get(nameOf(entry))}
                      pulse={pulses.get(nameOf(entry))}
                    />
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

function Wagon({
  entry,
  ticket,
  pulse,
}: {
  entry: QueueEntry;
  ticket: TicketView | undefined;
  pulse: JobPulse | undefined;
}) {
  const wish = useWish();
  const forbidden = useWhyNot()("L1");
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
          <span className="font-mono">{entry.key}</span>
          <code className="font-mono">{short(entry.commit)}</code>
          <span>approved by {plain(entry.approved_by.replace(/^person:/, ""))}</span>
          <span className="ml-auto">
            <Age us={entry.since_us} />
          </span>
        </p>
        <div className="mt-0.5 flex items-end justify-between gap-4">
          <div className="min-w-0">
            <Link to={pathOf(entry)} className="told text-base font-medium hover:underline">
              {plain(entry.title)}
            </Link>
            <p className="truncate text-xs text-ink-3">
              {pulse?.current
                ? plain(pulse.current)
                : ticket?.wait.text
                  ? `waits for ${plain(ticket.wait.text)}`
                  : ""}
            </p>
          </div>
          {!landing && (
            <Button
              look="quiet"
              shortcut="h"
              onClick={() => void wish(entry, { act: "hold" })}
              title="Take it out of the queue and hold it"
              forbidden={forbidden}
            >
              Eject
            </Button>
          )}
        </div>
      </div>
    </li>
  );
}
