// A schedule as it stands in a project's policy.

import { parse } from "smol-toml";

export interface Schedule {
  name: string;
  cron: string;
  timezone: string;
  /** Of its tickets; empty where a file has them. */
  title: string;
  body: string;
  /** The file of the repository that has title and text; empty where they stand here. */
  file: string;
  agent: string;
  priority: string;
  labels: string[];
  enabled: boolean;
}

/** Names that the policy takes. */
export const isName = (name: string) => /^[a-z0-9][a-z0-9-]{0,39}$/.test(name);

const quoted = (text: string) => JSON.stringify(text).replaceAll("\u007f", "\\u007f");

/** A text of several lines keeps them. */
const block = (text: string) =>
  text.includes("\n")
    ? `"""\n${text.replaceAll("\\", "\\\\").replaceAll('"""', '""\\"').replaceAll("\r\n", "\n").trimEnd()}\n"""`
    : quoted(text);

/** As it is written into `gangline.toml`. What is as it would be anyway is left out. */
export function written(schedule: Schedule): string {
  const { name, cron, timezone, title, body, file, agent, priority, labels, enabled } = schedule;
  const lines = [`[schedules.${name}]`, `cron = ${quoted(cron.trim())}`];
  if (timezone && timezone !== "UTC") lines.push(`timezone = ${quoted(timezone)}`);
  if (file) lines.push(`ticket = ${quoted(file)}`);
  else {
    lines.push(`title = ${quoted(title.trim())}`);
    if (body.trim()) lines.push(`body = ${block(body)}`);
  }
  if (agent) lines.push(`agent = ${quoted(agent)}`);
  if (priority && priority !== "medium") lines.push(`priority = ${quoted(priority)}`);
  if (labels.length > 0) lines.push(`labels = [${labels.map(quoted).join(", ")}]`);
  if (!enabled) lines.push("enabled = false");
  return `${lines.join("\n")}\n`;
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

/** A schedule of a policy, by its name; nothing where it is not there. */
export function readFrom(policy: string, name: string): Schedule | undefined {
  const all = (parse(policy) as { schedules?: Record<string, Record<string, unknown>> }).schedules;
  const found = all?.[name];
  if (!found) return undefined;
  return {
    name,
    cron: text(found.cron),
    timezone: text(found.timezone) || "UTC",
    title: text(found.title),
    body: text(found.body),
    file: text(found.ticket),
    agent: text(found.agent),
    priority: text(found.priority) || "medium",
    labels: Array.isArray(found.labels) ? found.labels.map(text) : [],
    enabled: found.enabled !== false,
  };
}
