// A ticket as somebody has changed it in a form.

import type { EditTicket } from "../api";
import { words } from "./draft";

export interface Edited {
  title: string;
  body: string;
  priority: string;
  /** Empty: whoever it is. */
  agent: string;
  labels: string;
  depends: string;
  scope: string;
}

/** What is otherwise than before, and nothing else. */
export function changes(before: Edited, after: Edited): EditTicket {
  const change: EditTicket = {};
  if (after.title.trim() !== before.title) change.title = after.title.trim();
  if (after.body !== before.body) change.body = after.body;
  if (after.priority !== before.priority) change.priority = after.priority;
  if (after.agent !== before.agent) change.agent = after.agent;
  const list = (name: "labels" | "depends" | "scope") => {
    const [old, now] = [words(before[name]), words(after[name])];
    return old.join("\n") === now.join("\n") ? undefined : now;
  };
  const [labels, depends, scope] = [list("labels"), list("depends"), list("scope")];
  if (labels) change.labels = labels;
  if (depends) change.depends_on = depends;
  if (scope) change.scope = scope;
  return change;
}
