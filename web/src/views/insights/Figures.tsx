// What the events of many days come to: what landed, how long that took, what went wrong, what it cost.

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { ProjectInsights } from "../../api";
import { flakyQuery, insightsQuery } from "../../data/queries";
import { cost, count, dollars, span, tokens } from "../../model/amount";
import { COUNTED, csv, type Day, days, isoDay, mean, share, sum, type Tally } from "../../model/insights";
import { plain } from "../../model/plain";
import { useProject } from "../../shell/project";
import { useStatus } from "../../shell/status";
import { Age, Button, Empty, Heading, Loading } from "../../ui/basics";
import { Page, Table } from "../../ui/Page";
import { Chart, type Series } from "./Chart";
import { Ranked } from "./Ranked";

const PERIODS = [7, 30, 90, 365];
const PERIOD_DEFAULT = 30;
const H_MS = 3_600_000;

const perCent = (value: number | null) => (value === null ? "none yet" : `${value} %`);
const lasting = (ms: number | null | undefined) => (ms == null ? "none yet" : span(ms));

export function Figures({ parts }: { parts: ReactNode }) {
  const [project] = useProject();
  const [asked, setAsked] = useSearchParams();
  const period = PERIODS.find((each) => String(each) === asked.get("days")) ?? PERIOD_DEFAULT;
  const { data, isPending } = useQuery(insightsQuery(period));
  const projects = useMemo(
    () => (data ?? []).filter((each) => !project || each.project === project),
    [data, project],
  );
  const shown = useMemo(() => days(projects, Date.now(), period), [projects, period]);
  const choose = (to: string) =>
    setAsked((before) => {
      const next = new URLSearchParams(before);
      next.set("days", to);
      return next;
    });
  return (
    <Page
      title="Insights"
      about={`The last ${period} days, in UTC`}
      right={
        <div className="flex flex-wrap items-center gap-3">
          {parts}
          <select
            aria-label="Period"
            value={period}
            onChange={(event) => choose(event.target.value)}
            className="picker"
          >
            {PERIODS.map((each) => (
              <option key={each} value={each}>
                {each} days
              </option>
            ))}
          </select>
          <Button onClick={() => save(shown)}>Export as CSV</Button>
        </div>
      }
    >
      {isPending ? (
        <Loading what="Reading the figures" />
      ) : projects.length === 0 ? (
        <Empty title="Nothing has happened yet">Figures begin with the first ticket.</Empty>
      ) : (
        <>
          <Summary projects={projects} total={sum(shown)} />
          <Charts shown={shown} />
          {projects.map((each) => (
            <OfProject key={each.project} figures={each} named={projects.length > 1} />
          ))}
        </>
      )}
    </Page>
  );
}

function Summary({ projects, total }: { projects: ProjectInsights[]; total: Tally }) {
  const { nodes } = useStatus();
  const alive = nodes.filter(({ state }) => state === "alive");
  const slots = alive.reduce((all, node) => all + node.slots, 0);
  const busy = alive.reduce((all, node) => all + node.jobs.length, 0);
  const perDay = projects.reduce((all, each) => all + each.landed_per_day, 0);
  const conflicts = total.commits === 0 ? null : (100 * total.conflicts) / total.commits;
  const toLanding = mean(projects.map(({ to_landing }) => to_landing));
  const covered = projects.flatMap((each) => each.coverage ?? []);
  const ran = covered.reduce((sum, each) => sum + each.ran, 0);
  const all = covered.reduce((sum, each) => sum + each.all, 0);
  const toMerge = mean(projects.map(({ to_merge }) => to_merge));
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-3">
      <Figure name="Landed a day" value={perDay.toFixed(1)} about="in the last seven days" />
      <Figure
        name="Passed at once"
        value={perCent(share(total.passed_first, total.measured_first))}
        about={`${total.passed_first} of ${count(total.measured_first, "ticket")}`}
      />
      <Figure
        name="Reviews passed"
        value={perCent(share(total.approved, total.approved + total.rejected))}
        about={`${total.rejected} sent back`}
      />
      <Figure
        name="Collisions"
        value={conflicts === null ? "none yet" : conflicts.toFixed(1)}
        about="for 100 commits"
      />
      <Figure name="To the landing" value={lasting(toLanding)} about="on average, since the beginning" />
      <Figure name="From leave to landing" value={lasting(toMerge)} about="on average, since the beginning" />
      <Figure
        name="Slots in use"
        value={perCent(share(busy, slots))}
        about={`${busy} of ${slots}, at this moment`}
      />
      <Figure
        name="Code that tests run"
        value={perCent(share(ran, all))}
        about={all === 0 ? "no coverage was measured" : "of what coverage tells of, as it landed"}
      />
      <Figure name="Cost" value={dollars(total.cost_microusd)} about={tokens(total.tokens)} last />
    </dl>
  );
}

interface FigureProps {
  name: string;
  value: string;
  about: string;
  /** Takes what is left of its row. */
  last?: boolean;
}

function Figure({ name, value, about, last = false }: FigureProps) {
  return (
    <div className={`bg-surface px-4 py-3 ${last ? "max-md:col-span-2" : ""}`}>
      <dt className="eyebrow">{name}</dt>
      <dd className="figures">
        <span className="text-lg font-semibold tracking-tight">{value}</span>
        <span className="block text-xs text-ink-3">{about}</span>
      </dd>
    </div>
  );
}

const CHARTS: { title: string; series: { name: string; ink: string; of(day: Day): number }[] }[] = [
  {
    title: "Tickets a day",
    series: [
      { name: "landed", ink: "--good", of: (day) => day.landed + day.delivered },
      { name: "added", ink: "--ink-3", of: (day) => day.added },
    ],
  },
  {
    title: "Measured commits a day",
    series: [
      { name: "passed", ink: "--good", of: (day) => day.passed },
      { name: "failed", ink: "--bad", of: (day) => day.failed },
    ],
  },
  {
    title: "Handed to people a day",
    series: [
      { name: "escalated", ink: "--bad", of: (day) => day.escalated },
      { name: "questions", ink: "--attention", of: (day) => day.questions },
    ],
  },
  {
    title: "Hours that agents worked a day",
    series: [{ name: "hours", ink: "--accent", of: (day) => day.busy_ms / H_MS }],
  },
  {
    title: "Money a day",
    series: [{ name: "USD", ink: "--accent", of: (day) => day.cost_microusd / 1_000_000 }],
  },
  {
    title: "Tokens a day",
    series: [{ name: "thousand tokens", ink: "--accent", of: (day) => day.tokens / 1_000 }],
  },
];

function Charts({ shown }: { shown: Day[] }) {
  const at = useMemo(() => shown.map(({ ms }) => ms), [shown]);
  const charts = useMemo(
    () =>
      CHARTS.map(({ title, series }) => ({
        title,
        series: series.map(({ name, ink, of }): Series => ({ name, ink, values: shown.map(of) })),
      })),
    [shown],
  );
  return (
    <div className="grid gap-x-5 gap-y-6 md:grid-cols-2">
      {charts.map(({ title, series }) => (
        <section key={title} className="min-w-0">
          <Heading>{title}</Heading>
          <Chart label={title} days={at} series={series} />
        </section>
      ))}
    </div>
  );
}

function save(shown: Day[]): void {
  const head = ["day", ...COUNTED.map((name) => (name === "cost_microusd" ? "usd" : name))];
  const rows = shown.map((day) => [
    isoDay(day.ms),
    ...COUNTED.map((name) => (name === "cost_microusd" ? day[name] / 1_000_000 : day[name])),
  ]);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv([head, ...rows])], { type: "text/csv" }));
  link.download = `gangline-${isoDay(Date.now())}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const SPANS: [string, (figures: ProjectInsights) => ProjectInsights["to_landing"]][] = [
  ["From the ticket to its landing", ({ to_landing }) => to_landing],
  ["An attempt", ({ attempt }) => attempt],
  ["From a commit to its verdict", ({ verification }) => verification],
  ["Until a review is answered", ({ to_review }) => to_review],
  ["From leave to the landing", ({ to_merge }) => to_merge],
];

/** What is counted since the first event. */
function OfProject({ figures, named }: { figures: ProjectInsights; named: boolean }) {
  const { project, agents, failing, failures, tries } = figures;
  return (
    <section aria-label={project} className="flex flex-col gap-6">
      <div>
        {named && <h2 className="pb-3 text-base font-semibold">{project}</h2>}
        <Heading>How long it takes, since the beginning</Heading>
        <Table
          label={`How long it takes in ${project}`}
          heads={["What", "Half within", "Nine of ten", "Mean", "Times"]}
        >
          {SPANS.map(([name, of]) => {
            const spread = of(figures);
            return (
              <tr key={name}>
                <th scope="row" className="min-w-40 px-3.5 py-2 font-medium">
                  {name}
                </th>
                <td>{lasting(spread.half_ms)}</td>
                <td>{lasting(spread.nine_of_ten_ms)}</td>
                <td>{lasting(spread.mean_ms)}</td>
                <td className="text-ink-3">{spread.count}</td>
              </tr>
            );
          })}
        </Table>
      </div>
      <div className="grid gap-x-5 gap-y-6 md:grid-cols-3">
        <Ranked title="Checks that failed" none="No check has failed." counted={failing} />
        <Ranked title="Why tries failed" none="No try has failed." counted={failures} />
        <Ranked
          title="Tries until a landing"
          none="Nothing has landed."
          counted={tries.map(({ name, count: times }) => ({
            name: count(Number(name), "try", "tries"),
            count: times,
          }))}
        />
      </div>
      {agents.length > 0 && <Agents project={project} agents={agents} />}
      <Flaky project={project} />
    </section>
  );
}

function Agents({ project, agents }: { project: string; agents: ProjectInsights["agents"] }) {
  return (
    <div>
      <Heading>Agents, since the beginning</Heading>
      <Table
        label={`Agents of ${project}`}
        heads={["Agent", "Attempts", "Commits passed", "Failed", "Ended", "Worked", "Tokens", "Cost"]}
      >
        {agents.map((agent) => (
          <tr key={`${agent.agent} ${agent.kind}`}>
            <td className="font-medium whitespace-nowrap">
              {plain(agent.agent)} <span className="font-normal text-ink-3">{agent.kind}</span>
            </td>
            <td>{agent.attempts}</td>
            <td>{perCent(share(agent.passed, agent.passed + agent.failed))}</td>
            <td>{agent.failed}</td>
            <td className="text-xs text-ink-2">
              {agent.ends.map(({ name, count: times }) => `${name.replaceAll("_", " ")} ${times}`).join(", ")}
            </td>
            <td className="whitespace-nowrap">{span(agent.busy_ms)}</td>
            <td className="whitespace-nowrap">{tokens(agent.tokens)}</td>
            <td className="whitespace-nowrap">{cost({ cost_microusd: agent.cost_microusd, tokens: 0 })}</td>
          </tr>
        ))}
      </Table>
    </div>
  );
}

function Flaky({ project }: { project: string }) {
  const { data: flaky = [] } = useQuery(flakyQuery(project));
  if (flaky.length === 0) return null;
  return (
    <Table label={`Flaky tests of ${project}`} heads={["Flaky test", "Check", "Seen", "On the base", "Last"]}>
      {flaky.map((test) => (
        <tr key={`${test.check} ${test.test}`}>
          <td className="told font-mono text-xs">{plain(test.test)}</td>
          <td>{test.check}</td>
          <td>
            {test.failed} of {test.runs} runs
          </td>
          <td>{test.on_base}</td>
          <td className="text-ink-3">
            {test.last_ticket}, <Age us={test.last_us} /> ago
          </td>
        </tr>
      ))}
    </Table>
  );
}
