// Tickets that come again by the clock: when, what became of the last one, and how that is changed.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { toast } from "sonner";
import { given, type ProjectView, type ScheduleView } from "../../api";
import { client } from "../../data/daemon";
import { useWhyNot } from "../../data/me";
import { useSaid } from "../../data/now";
import { projectsQuery, schedulesQuery } from "../../data/queries";
import { tellFailure } from "../../data/wishes";
import { age, moment } from "../../model/amount";
import { inWords } from "../../model/cron";
import { plain } from "../../model/plain";
import { lazily } from "../../shell/lazily";
import { pathOf } from "../../shell/paths";
import { useProject } from "../../shell/project";
import { Age, Button, Empty, Heading, Loading, Tag } from "../../ui/basics";
import { stepping, useKeys } from "../../ui/keys";
import { State } from "../../ui/Mark";
import { Page } from "../../ui/Page";

const WriteSchedule = lazily(() => import("./WriteSchedule"), "WriteSchedule");

/** What is being written: of a project, a schedule that is there, or a new one. */
const WRITE = "write";

export function Schedules() {
  const navigate = useNavigate();
  const list = useRef<HTMLDivElement>(null);
  const [asked, setAsked] = useSearchParams();
  const [project] = useProject();
  const { data } = useQuery(projectsQuery);
  const projects = (data ?? []).filter(({ name }) => !project || name === project);
  const writing = asked.get(WRITE);
  const write = (what: string | null) =>
    setAsked((before) => {
      const next = new URLSearchParams(before);
      if (what === null) next.delete(WRITE);
      else next.set(WRITE, what);
      return next;
    });
  /** Presses a button of what has the focus. */
  const pressed = (name: string) => () =>
    document.activeElement
      ?.closest("[data-schedule]")
      ?.querySelector<HTMLButtonElement>(`button[data-act="${name}"]`)
      ?.click();
  useKeys(
    {
      ...stepping(list, "[data-schedule]"),
      u: ["run it now", pressed("run")],
      e: ["change it", pressed("change")],
      w: ["write a schedule", () => write("")],
      Escape: ["back", () => navigate("/")],
    },
    { enabled: writing === null },
  );
  return (
    <Page
      title="Schedules"
      about="Maintenance that comes again by the clock. Each stands in gangline.toml, so that it is reviewed like code."
      right={
        <div className="flex items-center gap-3">
          <Link to="/plans" className="text-sm text-accent hover:underline md:hidden">
            Plans
          </Link>
          <Button shortcut="w" onClick={() => write("")} disabled={projects.length === 0}>
            Write a schedule
          </Button>
        </div>
      }
    >
      {data === undefined ? (
        <Loading what="Reading schedules" />
      ) : (
        <div ref={list} className="flex flex-col gap-8">
          {projects.map((each) => (
            <OfProject key={each.name} project={each} onWrite={(name) => write(`${each.name}.${name}`)} />
          ))}
        </div>
      )}
      {writing !== null && data && (
        <WriteSchedule projects={projects} writing={writing} onClose={() => write(null)} />
      )}
    </Page>
  );
}

function OfProject({ project, onWrite }: { project: ProjectView; onWrite(name: string): void }) {
  const { data, error } = useQuery(schedulesQuery(project.name));
  if (error && !data) return <Empty title={`The schedules of ${project.name} cannot be read`} />;
  return (
    <section aria-label={`Schedules of ${project.name}`}>
      <Heading>
        {project.name} {project.paused && <Tag tone="attention">paused</Tag>}
      </Heading>
      {data === undefined ? (
        <Loading what="Reading schedules" />
      ) : data.length === 0 ? (
        <p className="rounded-lg border border-dashed border-line-strong px-4 py-5 text-ink-3">
          Nothing comes again by the clock here. Write a schedule, for example for dependencies, licences or
          flaky tests.
        </p>
      ) : (
        <ul className="flex flex-col gap-3">
          {data.map((schedule) => (
            <Card
              key={schedule.name}
              project={project}
              schedule={schedule}
              onWrite={() => onWrite(schedule.name)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

/** A moment in the time zone that a schedule means, such as `Fri, 1 Jan 2027, 06:00`. */
function there(us: number, timeZone: string): string {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      weekday: "short",
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      timeZone,
    }).format(us / 1_000);
  } catch {
    return moment(us);
  }
}

interface CardProps {
  project: ProjectView;
  schedule: ScheduleView;
  onWrite(): void;
}

function Card({ project, schedule, onWrite }: CardProps) {
  const { name, cron, timezone, enabled, title, ticket_file } = schedule;
  const words = inWords(cron);
  return (
    <li>
      <article
        aria-label={name}
        data-schedule={name}
        tabIndex={-1}
        className="rounded-lg border border-line bg-surface px-4 py-3 focus:border-accent focus:outline-none"
      >
        <header className="flex flex-wrap items-start gap-x-4 gap-y-2">
          <div className="min-w-0 flex-1 basis-64">
            <p className="flex flex-wrap items-center gap-x-2.5 text-xs text-ink-3">
              <span className="font-mono text-ink-2">{name}</span>
              {enabled ? <Tag tone="good">on</Tag> : <Tag>off</Tag>}
              <code className="font-mono">{cron}</code>
            </p>
            <h3 className="text-base">
              {words ?? "By a line of cron"} <span className="font-normal text-ink-2">{timezone}</span>
            </h3>
          </div>
          <Acts project={project} schedule={schedule} onWrite={onWrite} />
        </header>
        <dl className="grid grid-cols-[4.500rem_minmax(0,1fr)] gap-x-3 gap-y-0.5 pt-2 text-sm">
          <Row name="adds">
            {title ? plain(title) : <code className="font-mono text-xs">{ticket_file}</code>}
          </Row>
          <Next schedule={schedule} />
          <Last project={project.name} schedule={schedule} />
        </dl>
      </article>
    </li>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="told text-ink-2">{children}</dd>
    </>
  );
}

function Next({ schedule: { enabled, next_us, timezone } }: { schedule: ScheduleView }) {
  const said = useSaid((nowMs) => age(nowMs * 1_000, (next_us ?? 0) / 1_000));
  if (!enabled) return <Row name="next">not by the clock: it is off</Row>;
  if (!next_us) return <Row name="next">this machine does not know the time zone {timezone}</Row>;
  return (
    <Row name="next">
      <time dateTime={new Date(next_us / 1_000).toISOString()} title={`${moment(next_us)} here`}>
        {there(next_us, timezone)}
      </time>
      <span className="text-ink-3"> · in {said}</span>
    </Row>
  );
}

function Last({
  project,
  schedule: { last, skipped, timezone },
}: {
  project: string;
  schedule: ScheduleView;
}) {
  return (
    <>
      <Row name="last">
        {last ? (
          <span className="flex flex-wrap items-center gap-x-2.5">
            <Link
              to={pathOf({ project, key: last.key })}
              className="font-mono text-xs hover:text-accent hover:underline"
            >
              {last.key}
            </Link>
            <State state={last.state} />
            <span className="text-ink-3">
              <Age us={last.at_us} /> ago
            </span>
          </span>
        ) : (
          "never so far"
        )}
      </Row>
      {skipped && (
        <Row name="skipped">
          <span className="text-attention">{there(skipped.due_us, timezone)}</span>: {plain(skipped.why)}
        </Row>
      )}
    </>
  );
}

function Acts({ project, schedule: { name }, onWrite }: CardProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const forbidden = useWhyNot()("L1");
  const [under, setUnder] = useState(false);
  const run = async () => {
    setUnder(true);
    try {
      const params = { path: { project: project.name, schedule: name } };
      const { key } = await given(
        client.POST("/api/v1/projects/{project}/schedules/{schedule}/run", { params }),
      );
      toast.success(`${key} was added`, {
        action: key
          ? { label: "Show", onClick: () => navigate(pathOf({ project: project.name, key })) }
          : undefined,
      });
    } catch (error) {
      tellFailure(error);
    }
    setUnder(false);
    for (const kind of ["schedules", "tickets"]) await queries.invalidateQueries({ queryKey: [kind] });
  };
  return (
    <div className="flex gap-2">
      <Button
        data-act="run"
        shortcut="u"
        onClick={() => void run()}
        disabled={under}
        forbidden={forbidden}
        aria-label={`Run ${name} now`}
      >
        Run now
      </Button>
      <Button data-act="change" look="quiet" shortcut="e" onClick={onWrite} aria-label={`Change ${name}`}>
        Change
      </Button>
    </div>
  );
}
