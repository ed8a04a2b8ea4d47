// Find a ticket, go somewhere, or do something, by typing.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Command } from "cmdk";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import type { TicketView } from "../api";
import { live } from "../data/daemon";
import { projectsQuery, useTickets } from "../data/queries";
import { filtered } from "../model/board";
import { mayNeed } from "../model/needs";
import { plain } from "../model/plain";
import { Key } from "../ui/basics";
import { Mark } from "../ui/Mark";
import { PLACES, pathOf, policyPath } from "./paths";
import { chooseTheme, type Theme } from "./theme";

/** Tickets that are offered at once. */
const TICKETS_MAX = 40;
/** And before something is typed. */
const FIRST_MAX = 6;

/** What one may mean before one says so: what needs somebody, and what is at work. */
const first = (tickets: TicketView[]) =>
  tickets
    .filter((ticket) => mayNeed(ticket) || ticket.state === "working")
    .toSorted((a, b) => Number(mayNeed(b)) - Number(mayNeed(a)))
    .slice(0, FIRST_MAX);

interface PaletteProps {
  onClose(): void;
  onAdd(what?: string): void;
  onHelp(): void;
}

export function Palette({ onClose, onAdd, onHelp }: PaletteProps) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { tickets } = useTickets();
  const { data: projects = [] } = useQuery(projectsQuery);
  const [typed, setTyped] = useState("");
  const wanted = typed.trim().toLowerCase();
  const found = useMemo(
    () => (wanted ? filtered(tickets, wanted).slice(0, TICKETS_MAX) : first(tickets)),
    [tickets, wanted],
  );
  const act = (what: () => void) => () => {
    onClose();
    what();
  };
  const deeds: { name: string; key?: string; act(): void }[] = [
    { name: "New ticket", key: "+", act: () => onAdd() },
    { name: "Ask for a plan", key: "P", act: () => onAdd("plan") },
    { name: "Write a schedule", act: () => navigate("/schedules?write=") },
    ...projects.map(({ name }) => ({
      name: `Policy of ${name}`,
      act: () => navigate(policyPath(name)),
    })),
    { name: "Show all keys", key: "?", act: onHelp },
    {
      name: "Read everything anew",
      act: () => {
        live.now();
        void queries.invalidateQueries();
      },
    },
    ...(["light", "dark", "system"] as Theme[]).map((theme) => ({
      name: `Theme: ${theme}`,
      act: () => chooseTheme(theme),
    })),
  ];
  const matching = deeds.filter(({ name }) => name.toLowerCase().includes(wanted));
  const places = PLACES.filter(({ title }) => title.toLowerCase().includes(wanted));
  return (
    <Command.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label="Find or do"
      shouldFilter={false}
      overlayClassName="fixed inset-0 z-40 bg-shade"
      contentClassName="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-1.5rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-raised shadow-lift"
    >
      <Command.Input
        value={typed}
        onValueChange={setTyped}
        placeholder="Find a ticket, go somewhere, do something"
        className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-ink-3"
      />
      <Command.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-semibold [&_[cmdk-group-heading]]:text-ink-3">
        <Command.Empty className="px-3 py-8 text-center text-sm text-ink-3">
          Nothing is called that
        </Command.Empty>
        {found.length > 0 && (
          <Command.Group heading="Tickets">
            {found.map((ticket) => (
              <Item
                key={`${ticket.project}.${ticket.key}`}
                value={`${ticket.project}.${ticket.key}`}
                onSelect={act(() => navigate(pathOf(ticket)))}
              >
                <Mark state={ticket.state} />
                <span className="figures w-20 shrink-0 font-mono text-xs text-ink-3">{ticket.key}</span>
                <span className="truncate">{plain(ticket.title)}</span>
                <span className="ml-auto shrink-0 text-xs text-ink-3">{ticket.state}</span>
              </Item>
            ))}
          </Command.Group>
        )}
        {places.length > 0 && (
          <Command.Group heading="Go to">
            {places.map((place) => (
              <Item key={place.path} value={`go ${place.path}`} onSelect={act(() => navigate(place.path))}>
                {place.title}
                <span className="ml-auto flex gap-1">
                  <Key>g</Key>
                  <Key>{place.key}</Key>
                </span>
              </Item>
            ))}
          </Command.Group>
        )}
        {matching.length > 0 && (
          <Command.Group heading="Do">
            {matching.map((deed) => (
              <Item key={deed.name} value={`do ${deed.name}`} onSelect={act(deed.act)}>
                {deed.name}
                {deed.key && (
                  <span className="ml-auto">
                    <Key>{deed.key}</Key>
                  </span>
                )}
              </Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
    </Command.Dialog>
  );
}

function Item({ value, onSelect, children }: { value: string; onSelect(): void; children: React.ReactNode }) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-hover"
    >
      {children}
    </Command.Item>
  );
}
