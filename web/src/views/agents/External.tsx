// Sessions that Gangline did not start: what each can do, what it is at, and how it is let go.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { toast } from "sonner";
import { type ExternalView, given, type ProjectView, type TicketView } from "../../api";
import { client } from "../../data/daemon";
import { useWhyNot } from "../../data/me";
import { externalQuery } from "../../data/queries";
import { tellFailure } from "../../data/wishes";
import { isAt, silence, taken } from "../../model/agents";
import { plain } from "../../model/plain";
import { pathOf } from "../../shell/paths";
import { Age, Button, Heading, Tag } from "../../ui/basics";

/** Nothing where a project has neither sessions nor a definition for some. */
export function External({ project, tickets }: { project: ProjectView; tickets: TicketView[] }) {
  const { data: sessions } = useQuery(externalQuery(project.name));
  const agent = project.agents.find(({ kind }) => kind === "external");
  if (!sessions || (sessions.length === 0 && !agent)) return null;
  return (
    <section aria-label={`External sessions of ${project.name}`}>
      <Heading>External sessions of {project.name}</Heading>
      {sessions.length === 0 ? (
        <p className="text-ink-3">
          None is registered.{" "}
          <code className="font-mono text-xs">gangline external register NAME --agent {agent?.name}</code>{" "}
          does it, from the terminal or the editor where it works.
        </p>
      ) : (
        <ul className="flex flex-col gap-2">
          {sessions.map((session) => (
            <Session key={session.id} project={project.name} session={session} tickets={tickets} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface SessionProps {
  project: string;
  session: ExternalView;
  tickets: TicketView[];
}

function Session({ project, session, tickets }: SessionProps) {
  const forbidden = useWhyNot()("L1");
  const [asking, setAsking] = useState(false);
  const { id, agent, capabilities, assignments, registered_us, heartbeat_timeout_ms, webhook } = session;
  return (
    <li
      data-session={id}
      tabIndex={-1}
      className="focus:border-accent focus:outline-none grid items-start gap-x-4 gap-y-2 rounded-lg border border-line bg-surface px-4 py-2.5 sm:grid-cols-[minmax(0,1fr)_auto]"
    >
      <div className="flex min-w-0 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-medium">{plain(id)}</span>
          <span className="text-xs text-ink-3">
            external, by the definition <span className="font-mono">{plain(agent)}</span>
          </span>
          <Tag tone={assignments.length > 0 ? "busy" : "calm"}>{taken(session)}</Tag>
          {capabilities.map((each) => (
            <Tag key={each}>{plain(each)}</Tag>
          ))}
        </p>
        {assignments.map(({ issue, fence, state }) => (
          <p key={fence} className="truncate text-sm text-ink-2">
            {isAt(state)}:{" "}
            <Link to={pathOf({ project, key: issue })} className="hover:underline">
              <span className="font-mono text-xs">{issue}</span>{" "}
              {plain(tickets.find((each) => each.project === project && each.key === issue)?.title ?? "")}
            </Link>
          </p>
        ))}
        <p className="flex flex-wrap gap-x-3 text-xs text-ink-3">
          <span>
            registered <Age us={registered_us} /> ago
          </span>
          <span title="Each call of the session counts as having been heard">
            given up when not heard for {silence(heartbeat_timeout_ms)}
          </span>
          {webhook ? (
            <span className="told">told of work at {plain(webhook)}</span>
          ) : (
            <span>asks for work itself</span>
          )}
        </p>
      </div>
      {!asking && (
        <Button
          data-act="let-go"
          shortcut="x"
          onClick={() => setAsking(true)}
          forbidden={forbidden}
          aria-label={`Let go of ${id}`}
          className="justify-self-start"
        >
          Let go
        </Button>
      )}
      {asking && <LetGo project={project} session={session} onEnd={() => setAsking(false)} />}
    </li>
  );
}

/** What will happen, before it does. */
function LetGo({ project, session, onEnd }: { project: string; session: ExternalView; onEnd(): void }) {
  const queries = useQueryClient();
  const [under, setUnder] = useState(false);
  const { id, assignments } = session;
  const letGo = async (event: FormEvent) => {
    event.preventDefault();
    setUnder(true);
    try {
      const params = { path: { project, id } };
      await given(client.DELETE("/api/v1/projects/{project}/external/{id}", { params }));
      toast.success(`${id} is let go`);
    } catch (error) {
      tellFailure(error);
      setUnder(false);
    }
    await queries.invalidateQueries({ queryKey: ["external", project] });
  };
  const keys = assignments.map(({ issue }) => issue).join(", ");
  return (
    <form
      aria-label={`Let go of ${id}`}
      onSubmit={(event) => void letGo(event)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onEnd();
      }}
      className="flex flex-col gap-3 rounded-lg border border-line bg-sunken p-3.5 sm:col-span-2"
    >
      <p className="text-sm text-ink-2">
        {keys
          ? `${keys} is taken from it as it is and opens again; no try is spent. ${id} gets no more work until it registers again.`
          : `${id} gets no more work until it registers again.`}
      </p>
      <div className="flex items-center gap-2">
        <Button type="submit" look="bad" disabled={under} autoFocus>
          Let go
        </Button>
        <Button look="quiet" onClick={onEnd}>
          Not now
        </Button>
      </div>
    </form>
  );
}
