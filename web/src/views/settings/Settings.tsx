// How this page looks, what each project's policy says, who may come in, and how the daemon is.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";
import { toast } from "sonner";
import { type BudgetOf, given, type ProjectView } from "../../api";
import { client } from "../../data/daemon";
import { meQuery, useWhyNot } from "../../data/me";
import { tellHereNoMore } from "../../data/push";
import { projectsQuery, statusQuery } from "../../data/queries";
import { tellFailure } from "../../data/wishes";
import { dollars, moment, span, tokens, whole } from "../../model/amount";
import { plain } from "../../model/plain";
import { ROLES, type Role } from "../../model/roles";
import { policyPath } from "../../shell/paths";
import { chooseTheme, type Theme, useTheme } from "../../shell/theme";
import { Button, Heading, Tag } from "../../ui/basics";
import { Fact, Facts } from "../../ui/Facts";
import { useKeys } from "../../ui/keys";
import { Page } from "../../ui/Page";
import { CheckUp } from "./CheckUp";
import { Configuration } from "./Configuration";
import { Messages } from "./Messages";
import { Notices } from "./Notices";
import { Tokens } from "./Tokens";
import { Webhooks } from "./Webhooks";

export function Settings() {
  const navigate = useNavigate();
  useKeys({ Escape: ["back", () => navigate("/")] });
  const { data: projects = [] } = useQuery(projectsQuery);
  return (
    <Page title="Settings">
      <Configuration />
      <You />
      <Look />
      <CheckUp />
      <Messages />
      <Notices />
      {projects.map((project) => (
        <OfProject key={project.name} project={project} />
      ))}
      <Webhooks />
      <Tokens projects={projects} />
      <Daemon />
    </Page>
  );
}

async function logOut() {
  try {
    await given(client.POST("/api/v1/log-out"));
    // What was read for this person is not for the next one, nor what they are told.
    await tellHereNoMore().catch(() => {});
    location.assign("/");
  } catch (error) {
    tellFailure(error);
  }
}

function You() {
  const { data } = useQuery(meQuery);
  if (!data) return null;
  const role = ROLES[data.role as Role];
  const { projects } = data;
  return (
    <section aria-label="You">
      <Heading
        right={data.via?.startsWith("browser ") && <Button onClick={() => void logOut()}>Log out</Button>}
      >
        You
      </Heading>
      <Facts>
        <Fact name="Name">{data.name ? plain(data.name) : "whoever opened the socket"}</Fact>
        <Fact name="Role">
          {data.role}
          {role && `, ${role.word}: ${role.may}${data.role > "L1" ? ", and whatever a lower role may" : ""}`}
        </Fact>
        <Fact name="Projects">{projects ? projects.join(", ") || "none" : "all"}</Fact>
        {data.via && <Fact name="Came in by">{plain(data.via)}</Fact>}
      </Facts>
    </section>
  );
}

function Look() {
  const theme = useTheme();
  return (
    <section aria-label="Look">
      <Heading>Look</Heading>
      <fieldset className="segments" aria-label="Theme">
        {(["system", "light", "dark"] as Theme[]).map((each) => (
          <button key={each} type="button" aria-pressed={theme === each} onClick={() => chooseTheme(each)}>
            {each}
          </button>
        ))}
      </fieldset>
    </section>
  );
}

function limits(budget: BudgetOf): string {
  const parts = [
    budget.cost_microusd == null ? "" : dollars(budget.cost_microusd),
    budget.tokens == null ? "" : tokens(budget.tokens),
    budget.wall_ms == null ? "" : span(budget.wall_ms),
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(", ") : "no limit";
}

function OfProject({ project }: { project: ProjectView }) {
  const queries = useQueryClient();
  const forbidden = useWhyNot()("L2");
  const toggle = async () => {
    const params = { path: { project: project.name } };
    try {
      if (project.paused) await given(client.POST("/api/v1/projects/{project}/resume", { params }));
      else await given(client.POST("/api/v1/projects/{project}/pause", { params }));
      toast.success(`${project.name} ${project.paused ? "goes on" : "is paused; what runs goes on"}`);
    } catch (error) {
      tellFailure(error);
    }
    await queries.invalidateQueries({ queryKey: ["projects"] });
  };
  return (
    <section aria-label={`Project ${project.name}`}>
      <Heading
        right={
          <Button onClick={() => void toggle()} forbidden={forbidden}>
            {project.paused ? "Resume" : "Pause"}
          </Button>
        }
      >
        Project {project.name} {project.paused && <Tag tone="attention">paused</Tag>}
      </Heading>
      <Facts>
        <Fact name="Repository">{project.repo}</Fact>
        <Fact name="Lands on">
          {project.target}, {project.landing === "local" ? "in place" : "as a branch"}; review{" "}
          {project.review}
        </Fact>
        <Fact name="Policy">
          gangline.toml, {project.policy}{" "}
          <code className="font-mono text-xs text-ink-3">{project.policy_sha256.slice(0, 12)}</code>{" "}
          <Link to={policyPath(project.name)} className="text-accent underline underline-offset-2">
            Read it
          </Link>
        </Fact>
        <Fact name="Tries">{project.tries}</Fact>
        <Fact name="Budget">{limits(project.budget)}</Fact>
        <Fact name="Budget of a day">{limits(project.day_budget)}</Fact>
        <Fact name="Spent">
          {dollars(project.usage.cost_microusd)}, {tokens(project.usage.tokens)},{" "}
          {span(project.usage.wall_ms)}
        </Fact>
        <Fact name="Agents">
          <span className="flex flex-wrap gap-x-4">
            {project.agents.map(({ name, kind }) => (
              <span key={name} className="sm:whitespace-nowrap">
                {name}{" "}
                <span className="text-ink-3">
                  {kind}
                  {name === project.default_agent && ", of tickets that name none"}
                </span>
              </span>
            ))}
          </span>
        </Fact>
      </Facts>
    </section>
  );
}

function Daemon() {
  const { data } = useQuery(statusQuery);
  if (!data) return null;
  return (
    <section aria-label="Daemon">
      <Heading>Daemon</Heading>
      <Facts>
        <Fact name="Version">
          {data.version}, API {data.api}
        </Fact>
        <Fact name="Runs since">{moment(data.started_us)}</Fact>
        {data.config && <Fact name="Configured since">{moment(data.config.since_us)}</Fact>}
        <Fact name="Listens at">{data.http ?? "no address"}</Fact>
        <Fact name="Socket">{data.socket}</Fact>
        <Fact name="State">{data.state_dir}</Fact>
        <Fact name="Log">{data.log}</Fact>
        <Fact name="Events">{whole(data.seq)}</Fact>
      </Facts>
    </section>
  );
}
