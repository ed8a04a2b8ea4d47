// What is read of the daemon, by the keys under which it is kept.

import { type QueryClient, queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { given, type TicketDetail, type TicketRef, type TicketView } from "../api";
import type { Compared } from "../model/compared";
import { mayNeed, nameOf } from "../model/needs";
import { client } from "./daemon";

/** Pulses of jobs are no events: they are asked for. */
const PULSE_MS = 3_000;
/** Tickets whose evidence is read at once, those that need a person. */
const DETAILS_MAX = 64;
/** Closed tickets that the board shows, for each project. */
export const CLOSED_SHOWN = 200;

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: () => given(client.GET("/api/v1/status")),
  refetchInterval: PULSE_MS,
});

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: async () => (await given(client.GET("/api/v1/projects"))).projects,
});

export const ticketsQuery = queryOptions({
  queryKey: ["tickets"],
  queryFn: async () =>
    (await given(client.GET("/api/v1/tickets", { params: { query: { closed: true, limit: CLOSED_SHOWN } } })))
      .tickets,
});

/** What the events of so many days come to. */
export const insightsQuery = (days: number) =>
  queryOptions({
    queryKey: ["insights", days],
    queryFn: async () =>
      (await given(client.GET("/api/v1/insights", { params: { query: { days } } }))).projects,
  });

/** Whether somebody's main agent is there. */
export const mainAgentsQuery = queryOptions({
  queryKey: ["main-agents"],
  queryFn: async () => (await given(client.GET("/api/v1/main-agents"))).main_agents,
  refetchInterval: PULSE_MS,
});

/** Sessions that Gangline did not start, and that take work from it. */
export const externalQuery = (project: string) =>
  queryOptions({
    queryKey: ["external", project],
    queryFn: async () =>
      (await given(client.GET("/api/v1/projects/{project}/external", { params: { path: { project } } })))
        .sessions,
  });

/** How the daemon's machine is. It takes seconds: it is asked for by a person, and by nothing else. */
export const doctorQuery = queryOptions({
  queryKey: ["doctor"],
  queryFn: () => given(client.GET("/api/v1/doctor")),
  enabled: false,
  retry: false,
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
});

/** As many closed tickets as the daemon gives. */
export const historyQuery = queryOptions({
  queryKey: ["history"],
  queryFn: async () =>
    (await given(client.GET("/api/v1/tickets", { params: { query: { closed: true, limit: 1000 } } })))
      .tickets,
  staleTime: 60_000,
});

/** Who is told of events. */
export const webhooksQuery = queryOptions({
  queryKey: ["webhooks"],
  queryFn: async () => (await given(client.GET("/api/v1/webhooks"))).webhooks,
});

export const queueQuery = queryOptions({
  queryKey: ["queue"],
  queryFn: async () => (await given(client.GET("/api/v1/queue"))).entries,
});

export const ticketQuery = (path: TicketRef) =>
  queryOptions({
    queryKey: ["ticket", path.project, path.key],
    queryFn: () =>
      given(client.GET("/api/v1/projects/{project}/tickets/{key}", { params: { path: name(path) } })),
  });

/** A ticket with what can be done about it, and its diff. */
export const packetQuery = (path: TicketRef) =>
  queryOptions({
    queryKey: ["packet", path.project, path.key],
    queryFn: () =>
      given(client.GET("/api/v1/projects/{project}/tickets/{key}/packet", { params: { path: name(path) } })),
  });

/** What a check's command printed, as it was kept: it never changes. */
export const checkLogQuery = (path: TicketRef, job: string, check: string) =>
  queryOptions({
    queryKey: ["check-log", path.project, path.key, job, check],
    queryFn: () =>
      given(
        client.GET("/api/v1/projects/{project}/tickets/{key}/check-log", {
          params: { path: name(path), query: { job, check } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const briefQuery = (path: TicketRef) =>
  queryOptions({
    queryKey: ["brief", path.project, path.key],
    queryFn: () =>
      given(client.GET("/api/v1/projects/{project}/tickets/{key}/brief", { params: { path: name(path) } })),
    retry: false,
  });

/** What an attempt changed, or what it did otherwise than an earlier one. */
export const diffQuery = (path: TicketRef, { attempt, since, blanks }: Compared) =>
  queryOptions({
    queryKey: ["diff", path.project, path.key, attempt, since, blanks],
    queryFn: () =>
      given(
        client.GET("/api/v1/projects/{project}/tickets/{key}/diff", {
          params: { path: name(path), query: { attempt, since, ignore_whitespace: !blanks } },
        }),
      ),
    retry: false,
  });

export const worklogQuery = (path: TicketRef) =>
  queryOptions({
    queryKey: ["worklog", path.project, path.key],
    queryFn: async () =>
      (
        await given(
          client.GET("/api/v1/projects/{project}/tickets/{key}/worklog", { params: { path: name(path) } }),
        )
      ).entries,
  });

export const eventsOfQuery = (path: TicketRef) =>
  queryOptions({
    queryKey: ["events", path.project, path.key],
    queryFn: async () =>
      (
        await given(
          client.GET("/api/v1/events", { params: { query: { after: 0, limit: 1000, ...name(path) } } }),
        )
      ).events,
  });

export const honestyQuery = (project: string) =>
  queryOptions({
    queryKey: ["honesty", project],
    queryFn: async () =>
      (await given(client.GET("/api/v1/projects/{project}/honesty", { params: { path: { project } } })))
        .agents,
  });

export const flakyQuery = (project: string) =>
  queryOptions({
    queryKey: ["flaky", project],
    queryFn: async () =>
      (await given(client.GET("/api/v1/projects/{project}/flaky-tests", { params: { path: { project } } })))
        .tests,
  });

/** What a planner proposed, and what became of that. */
export const planQuery = (path: TicketRef) =>
  queryOptions({
    queryKey: ["plan", path.project, path.key],
    queryFn: () =>
      given(client.GET("/api/v1/projects/{project}/tickets/{key}/plan", { params: { path: name(path) } })),
  });

/** Whether a ticket asks for a plan. */
export const isPlanQuery = (path: TicketRef) =>
  queryOptions({
    ...ticketQuery(path),
    select: ({ deliverable }) => deliverable === "plan",
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Tickets of a project that come again by the clock. */
export const schedulesQuery = (project: string) =>
  queryOptions({
    queryKey: ["schedules", project],
    queryFn: async () =>
      (await given(client.GET("/api/v1/projects/{project}/schedules", { params: { path: { project } } })))
        .schedules,
  });

/** What a project's next work is judged by. */
export const policyQuery = (project: string) =>
  queryOptions({
    queryKey: ["policy", project],
    queryFn: () => given(client.GET("/api/v1/projects/{project}/policy", { params: { path: { project } } })),
  });

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: async () => (await given(client.GET("/api/v1/tokens"))).tokens,
  retry: false,
});

const name = ({ project, key }: TicketRef) => ({ project, key });

/** The evidence of the tickets that need a person, as far as it has been read. */
export function useNeededDetails(tickets: TicketView[]): Map<string, TicketDetail> {
  const wanted = useMemo(() => tickets.filter(mayNeed).slice(0, DETAILS_MAX), [tickets]);
  return useQueries({
    queries: wanted.map((ticket) => ticketQuery(ticket)),
    combine: (results) => {
      const details = new Map<string, TicketDetail>();
      for (const { data } of results) if (data) details.set(nameOf(data), data);
      return details;
    },
  });
}

/** The tickets that are not closed, of all projects or of one. */
export function useTickets(project?: string) {
  const { data, isPending, error } = useQuery(ticketsQuery);
  const tickets = useMemo(() => {
    const all = data ?? [];
    return project ? all.filter((ticket) => ticket.project === project) : all;
  }, [data, project]);
  return { tickets, isPending, error };
}

/** What is kept by project and key of a ticket. */
const OF_TICKET = new Set<unknown>(["ticket", "packet", "brief", "diff", "worklog", "events"]);

/** Something happened to these tickets, by their names: what is known of them is stale. */
export function staleTickets(queries: QueryClient, names: Set<string>): Promise<void> {
  return queries.invalidateQueries({
    predicate: ({ queryKey: [kind, project, key] }) =>
      OF_TICKET.has(kind) && names.has(nameOf({ project, key } as TicketRef)),
  });
}

export function staleTicket(queries: QueryClient, ticket: TicketRef): void {
  void staleTickets(queries, new Set([nameOf(ticket)]));
}
