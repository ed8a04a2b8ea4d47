// What a project's work is judged by: what its policy says, and what holds where it says nothing.

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { type PolicyView, type ProjectView, Refused } from "../../api";
import { useWhyNot } from "../../data/me";
import { useTakeOver } from "../../data/policies";
import { policyQuery, projectsQuery } from "../../data/queries";
import { plain, verbatim } from "../../model/plain";
import { type Policy as Known, type Rule, readPolicy } from "../../model/policy";
import { Button, Empty, Forbidden, Heading, Loading, Tag } from "../../ui/basics";
import { Fact, Facts } from "../../ui/Facts";
import { useKeys } from "../../ui/keys";
import { Page, Table } from "../../ui/Page";

/** Tables that stand together, as people look for them. */
const PARTS: { title: string; tables: string[] }[] = [
  { title: "Landing", tables: ["landing"] },
  { title: "Reviewers", tables: ["reviewer", "external_ci"] },
  { title: "Limits", tables: ["limits"] },
  { title: "Budgets", tables: ["budgets"] },
  { title: "Tests", tables: ["tests"] },
  { title: "Changes", tables: ["change"] },
  { title: "Permissions", tables: ["permissions"] },
  { title: "Network and resources", tables: ["network", "resources"] },
  { title: "Tries", tables: ["retry"] },
  { title: "Setup", tables: ["setup"] },
  { title: "Worktrees", tables: ["worktree"] },
];

export function Policy() {
  const { project: name = "" } = useParams();
  const navigate = useNavigate();
  const { data: projects } = useQuery(projectsQuery);
  const { data: policy, error } = useQuery(policyQuery(name));
  useKeys({ Escape: ["back", () => navigate("/settings")] });
  const project = projects?.find((each) => each.name === name);
  const why = error instanceof Refused ? error.message : `The policy of ${name} cannot be read`;
  return (
    <Page
      title={`Policy of ${name}`}
      about="What its work is judged by. It is changed in gangline.toml, by people."
      right={
        <Link to="/settings" className="text-sm text-accent hover:underline">
          Settings
        </Link>
      }
    >
      {error && !policy ? (
        <Empty title={why} />
      ) : policy && project ? (
        <>
          <Source policy={policy} project={project} />
          <Said policy={policy} project={project} />
          <Raw text={policy.text} />
        </>
      ) : (
        <Loading what="Reading the policy" />
      )}
    </Page>
  );
}

/** Where it comes from, and whether work is judged by it already. */
function Source({ policy, project }: { policy: PolicyView; project: ProjectView }) {
  const takeOver = useTakeOver();
  const forbidden = useWhyNot()("L3");
  const notes = policy.notes ?? [];
  return (
    <section aria-label="Where it comes from">
      <Facts>
        <Fact name="File">
          <code className="font-mono text-xs">gangline.toml</code> of {project.repo}
        </Fact>
        <Fact name="Read from">
          {policy.policy === "committed"
            ? `the last commit on ${project.target}`
            : "your checkout: it is not committed yet"}
        </Fact>
        <Fact name="In force">
          {policy.is_current ? (
            <>
              this one{" "}
              <code className="font-mono text-xs text-ink-3">{project.policy_sha256.slice(0, 12)}</code>
            </>
          ) : (
            "one from before"
          )}
        </Fact>
      </Facts>
      {!policy.is_current && (
        <div className="mt-3 rounded-lg bg-attention-soft px-4 py-3" role="note">
          <p className="mb-2">
            What stands here is not in force: it counts from the next landing on, the next start, or when
            somebody takes it over.
          </p>
          <Button onClick={() => void takeOver(project)} forbidden={forbidden}>
            Take it over
          </Button>
          <Forbidden why={forbidden} className="mt-2" />
        </div>
      )}
      {notes.length > 0 && (
        <ul className="mt-3 list-disc pl-5 text-ink-2">
          {notes.map((note) => (
            <li key={note}>{plain(note)}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Said({ policy, project }: { policy: PolicyView; project: ProjectView }) {
  const known = useMemo(() => readPolicy(policy.text), [policy.text]);
  return (
    <>
      <p className="-mb-4 text-xs text-ink-3">
        <span className="font-medium text-ink">Bold</span> is what the policy says; grey is what holds where
        it says nothing.
      </p>
      <Checks known={known} />
      <Part title="Protected files">
        <p className="px-4 pt-2.5 text-ink-3">
          A change of these needs a person, whoever makes it. gangline.toml is always one of them.
        </p>
        <div className="px-4 pt-1.5 pb-3">
          <Value value={known.protected.patterns} written={known.protected.written} />
        </div>
      </Part>
      <div className="gap-6 lg:columns-2 [&>section]:mb-7 [&>section]:break-inside-avoid">
        {PARTS.map(({ title, tables }) => {
          const rules = tables.flatMap((name) => known.tables[name] ?? []);
          return (
            <Part key={title} title={title}>
              {rules.length > 0 ? <Rules rules={rules} /> : <p className="px-4 py-2.5 text-ink-3">none</p>}
            </Part>
          );
        })}
        <Part title="Agents">
          <Agents known={known} project={project} />
        </Part>
        <Part title="Schedules">
          <p className="px-4 py-2.5">
            {known.schedules.length > 0 ? (
              <>
                {known.schedules.join(", ")}{" "}
                <Link to="/schedules" className="text-accent underline underline-offset-2">
                  When they come
                </Link>
              </>
            ) : (
              <span className="text-ink-3">none</span>
            )}
          </p>
        </Part>
      </div>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Heading>{title}</Heading>
      <div className="rounded-lg border border-line bg-surface text-sm">{children}</div>
    </section>
  );
}

function Checks({ known: { checks, waived } }: { known: Known }) {
  return (
    <section aria-label="Checks">
      <Heading>Checks</Heading>
      {waived && (
        <p className="mb-3 rounded-lg bg-attention-soft px-4 py-2.5">No check is required: {plain(waived)}</p>
      )}
      {checks.length === 0 ? (
        <p className="text-ink-3">No command is run.</p>
      ) : (
        <Table label="All checks" heads={["Check", "Command", "Within", "Says also"]}>
          {checks.map((check) => (
            <tr key={check.name}>
              <td className="whitespace-nowrap">
                <span className="font-medium">{plain(check.name)}</span>{" "}
                {check.required ? <Tag>required</Tag> : <Tag tone="attention">only told</Tag>}
                {check.kind && <span className="block text-xs text-ink-3">{check.kind}</span>}
              </td>
              <td>
                <code className="told font-mono text-xs">{plain(check.command)}</code>
              </td>
              <td className="figures whitespace-nowrap">{check.timeout}</td>
              <td className="text-xs text-ink-2">
                {check.more.map(({ key, words, value }) => (
                  <span key={key} className="told block">
                    {words}: {plain(Array.isArray(value) ? value.join(", ") : value)}
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function Rules({ rules }: { rules: Rule[] }) {
  return (
    <dl className="divide-y divide-line">
      {rules.map((rule) => (
        <div key={rule.key} title={rule.key} className="flex flex-wrap items-baseline gap-x-4 px-4 py-1.5">
          <dt className="min-w-32 flex-1 text-ink-2">{rule.words}</dt>
          <dd className={Array.isArray(rule.value) && rule.value.length > 2 ? "basis-full" : "text-right"}>
            <Value value={rule.value} written={rule.written} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ value, written }: { value: string | string[]; written: boolean }) {
  const look = written ? "font-medium text-ink" : "text-ink-3";
  if (!Array.isArray(value)) return <span className={`told figures ${look}`}>{plain(value)}</span>;
  if (value.length === 0) return <span className={look}>none</span>;
  return (
    <span className={`flex flex-wrap gap-x-3 gap-y-0.5 ${look}`}>
      {value.map((each) => (
        <code key={each} className="told font-mono text-xs">
          {plain(each)}
        </code>
      ))}
    </span>
  );
}

function Agents({ known, project }: { known: Known; project: ProjectView }) {
  const says = new Map(known.definitions.map((each) => [each.name, each.says]));
  return (
    <dl className="divide-y divide-line">
      {project.agents.map(({ name, kind }) => (
        <div key={name} className="flex flex-wrap items-baseline gap-x-4 px-4 py-1.5">
          <dt className="flex-1">
            {name} <span className="text-xs text-ink-3">{kind}</span>
          </dt>
          <dd className="told text-right text-xs text-ink-2">
            {name === project.default_agent && <Tag>of tickets that name none</Tag>}{" "}
            {plain(says.get(name) ?? "")}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The file, as it stands. */
function Raw({ text }: { text: string }) {
  return (
    <details>
      <summary className="eyebrow w-fit rounded-sm">gangline.toml as it stands</summary>
      <pre
        tabIndex={0}
        className="mt-2 overflow-auto rounded-lg border border-line bg-sunken px-4 py-3 font-mono text-xs leading-5"
      >
        {verbatim(text)}
      </pre>
    </details>
  );
}
