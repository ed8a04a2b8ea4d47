// A schedule, written: what it says in plain words, and the lines for gangline.toml. The policy is committed by
// people, so the page writes nothing into the repository.

import { useQuery } from "@tanstack/react-query";
import { type ChangeEvent, type ReactNode, useMemo, useState } from "react";
import type { ProjectView } from "../../api";
import { useWhyNot } from "../../data/me";
import { useTakeOver } from "../../data/policies";
import { policyQuery } from "../../data/queries";
import { inWords } from "../../model/cron";
import { words } from "../../model/draft";
import { isName, readFrom, type Schedule, written } from "../../model/schedules";
import { PRIORITIES } from "../../model/states";
import { Button, Loading } from "../../ui/basics";
import { Copied } from "../../ui/Copied";
import { Dialog } from "../../ui/Dialog";
import { Choice, TextArea, TextField } from "../../ui/fields";

const OFTEN: { cron: string; title: string }[] = [
  { cron: "0 6 * * *", title: "every day" },
  { cron: "0 6 * * 1-5", title: "working days" },
  { cron: "0 6 * * 1", title: "every week" },
  { cron: "0 6 1 * *", title: "every month" },
  { cron: "0 6 1 1,4,7,10 *", title: "every quarter" },
];

const own = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

interface WriteProps {
  projects: ProjectView[];
  /** `PROJECT.NAME` of what is changed; nothing for a new one. */
  writing: string;
  onClose(): void;
}

export function WriteSchedule({ projects, writing, onClose }: WriteProps) {
  const dot = writing.indexOf(".");
  const [of, name] = dot < 0 ? ["", ""] : [writing.slice(0, dot), writing.slice(dot + 1)];
  const project = projects.find((each) => each.name === of) ?? projects[0];
  const { data: policy, error } = useQuery({
    ...policyQuery(project?.name ?? ""),
    enabled: Boolean(project),
  });
  const before = useMemo(() => (policy && name ? readFrom(policy.text, name) : undefined), [policy, name]);
  return (
    <Dialog
      open
      onClose={onClose}
      title={name ? `Change ${name}` : "Write a schedule"}
      about="You get lines for gangline.toml. Commit them: only what is committed counts."
      wide
    >
      {!project || error ? (
        <p className="py-8 text-center text-ink-2">The policy cannot be read.</p>
      ) : !policy ? (
        <Loading what="Reading the policy" />
      ) : name && !before ? (
        <p className="py-8 text-center text-ink-2">
          {name} does not stand in the policy of {project.name} any more.
        </p>
      ) : (
        <Form project={project} projects={projects} before={before} />
      )}
    </Dialog>
  );
}

interface FormProps {
  project: ProjectView;
  projects: ProjectView[];
  before: Schedule | undefined;
}

function Form({ project, projects, before }: FormProps) {
  const [where, setWhere] = useState(project.name);
  const [schedule, setSchedule] = useState<Schedule>(
    before ?? {
      name: "",
      cron: "0 6 * * 1",
      timezone: own(),
      title: "",
      body: "",
      file: "",
      agent: "",
      priority: "low",
      labels: [],
      enabled: true,
    },
  );
  const [labels, setLabels] = useState(schedule.labels.join(", "));
  const set = (part: Partial<Schedule>) => setSchedule((known) => ({ ...known, ...part }));
  const typed =
    (name: keyof Schedule) =>
    (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) =>
      set({ [name]: event.target.value });
  const of = projects.find(({ name }) => name === where) ?? project;
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Name"
          autoFocus={!before}
          disabled={Boolean(before)}
          value={schedule.name}
          onChange={typed("name")}
          placeholder="dependencies"
          hint={schedule.name && !isName(schedule.name) ? "Only a-z, 0-9 and -, at most 40." : undefined}
        />
        <Choice
          label="Project"
          value={where}
          disabled={Boolean(before)}
          onChange={(event) => setWhere(event.target.value)}
        >
          {projects.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </Choice>
      </div>
      <label className="flex w-fit items-center gap-2 text-sm text-ink-2">
        <input
          type="checkbox"
          checked={schedule.enabled}
          onChange={(event) => set({ enabled: event.target.checked })}
          className="accent-(--accent)"
        />
        on: the clock adds its tickets
      </label>
      <When schedule={schedule} onSet={set} />
      <What schedule={schedule} typed={typed} />
      <div className="grid gap-4 sm:grid-cols-3">
        <Choice label="Agent" value={schedule.agent} onChange={typed("agent")}>
          <option value="">whoever the policy names</option>
          {of.agents.map(({ name, kind }) => (
            <option key={name} value={name}>
              {name} ({kind})
            </option>
          ))}
        </Choice>
        <Choice label="Priority" value={schedule.priority} onChange={typed("priority")}>
          {PRIORITIES.map((priority) => (
            <option key={priority}>{priority}</option>
          ))}
        </Choice>
        <TextField
          label="Labels"
          value={labels}
          onChange={(event) => {
            setLabels(event.target.value);
            set({ labels: words(event.target.value) });
          }}
          placeholder="chore"
        />
      </div>
      <Result schedule={schedule} project={of} changed={Boolean(before)} />
    </div>
  );
}

function When({ schedule, onSet }: { schedule: Schedule; onSet(part: Partial<Schedule>): void }) {
  const said = inWords(schedule.cron);
  const zones = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone")], []);
  return (
    <fieldset className="flex flex-col gap-2.5">
      <legend className="pb-1.5 text-xs font-medium text-ink-2">When</legend>
      <div className="flex flex-wrap gap-1.5">
        {OFTEN.map(({ cron, title }) => (
          <Button
            key={cron}
            aria-pressed={schedule.cron === cron}
            onClick={() => onSet({ cron })}
            className="aria-pressed:bg-chosen"
          >
            {title}
          </Button>
        ))}
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Minute, hour, day of the month, month, day of the week"
          value={schedule.cron}
          onChange={(event) => onSet({ cron: event.target.value })}
          className="font-mono"
        />
        <TextField
          label="Time zone"
          value={schedule.timezone}
          onChange={(event) => onSet({ timezone: event.target.value })}
          list="zones"
        />
        <datalist id="zones">
          {zones.map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </div>
      <p role="status" className={said ? "text-base font-medium" : "text-attention"}>
        {said
          ? `${said}, ${schedule.timezone}`
          : "There are no words for this line: the daemon decides about it."}
      </p>
    </fieldset>
  );
}

interface WhatProps {
  schedule: Schedule;
  typed(name: keyof Schedule): (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => void;
}

function What({ schedule, typed }: WhatProps) {
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="pb-1.5 text-xs font-medium text-ink-2">What is added</legend>
      <TextField
        label="A file of the repository"
        value={schedule.file}
        onChange={typed("file")}
        placeholder="chores/dependencies.md"
        hint="Its heading becomes the title. Without a file, write both here."
        className="font-mono"
      />
      {!schedule.file && (
        <>
          <TextField label="Title" value={schedule.title} onChange={typed("title")} />
          <TextArea
            label="What is asked"
            rows={4}
            value={schedule.body}
            onChange={typed("body")}
            className="font-mono"
          />
        </>
      )}
    </fieldset>
  );
}

/** What is wanting before there can be lines. */
function wanting({ name, cron, title, file }: Schedule): string | null {
  if (!isName(name)) return "It needs a name.";
  if (cron.trim().split(/\s+/).length !== 5) return "The line of cron needs five fields.";
  if (!file.trim() && !title.trim()) return "It needs a title, or a file.";
  return null;
}

interface ResultProps {
  schedule: Schedule;
  project: ProjectView;
  changed: boolean;
}

function Result({ schedule, project, changed }: ResultProps) {
  const takeOver = useTakeOver();
  const forbidden = useWhyNot()("L3");
  const missing = wanting(schedule);
  if (missing) return <p className="text-ink-3">{missing}</p>;
  return (
    <section aria-label="Lines for gangline.toml" className="flex flex-col gap-2.5 border-t border-line pt-4">
      <Copied text={written(schedule)} />
      <ol className="list-decimal pl-5 text-sm text-ink-2">
        <Step>
          {changed ? (
            <>
              In <code className="font-mono text-xs">gangline.toml</code> of {project.name}, let these lines
              take the place of <code className="font-mono text-xs">[schedules.{schedule.name}]</code>. To
              delete it, take that part out.
            </>
          ) : (
            <>
              Put these lines at the end of <code className="font-mono text-xs">gangline.toml</code> of{" "}
              {project.name}.
            </>
          )}
        </Step>
        <Step>Commit it on {project.target}.</Step>
        <Step>It counts from the next due time on, the next landing, or when it is taken over.</Step>
      </ol>
      <div>
        <Button onClick={() => void takeOver(project)} forbidden={forbidden}>
          I have committed it: take it over
        </Button>
      </div>
    </section>
  );
}

function Step({ children }: { children: ReactNode }) {
  return <li className="pl-1">{children}</li>;
}
