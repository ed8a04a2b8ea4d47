// What a ticket asks for, changed: only what is otherwise is sent.

import { useQuery } from "@tanstack/react-query";
import { type ChangeEvent, type FormEvent, useState } from "react";
import type { TicketDetail } from "../api";
import { projectsQuery } from "../data/queries";
import { useWish } from "../data/wishes";
import { changes, type Edited } from "../model/edited";
import { PRIORITIES } from "../model/states";
import { Button } from "../ui/basics";
import { Dialog } from "../ui/Dialog";
import { Choice, TextArea, TextField } from "../ui/fields";

/** States in which work for it is under way: the daemon refuses more than what is offered then. */
const UNDER_WAY = new Set(["working", "verifying", "review", "queued", "landing"]);

export function EditTicket({ detail, onClose }: { detail: TicketDetail; onClose(): void }) {
  const wish = useWish();
  const { data: projects = [] } = useQuery(projectsQuery);
  const agents = projects.find(({ name }) => name === detail.project)?.agents ?? [];
  const before: Edited = {
    title: detail.title,
    body: detail.body,
    priority: detail.priority,
    agent: "",
    labels: detail.labels.join(", "),
    depends: (detail.dependencies ?? []).join(", "),
    scope: detail.scope.join(", "),
  };
  const [edited, setEdited] = useState(before);
  const [under, setUnder] = useState(false);
  const typed =
    (name: keyof Edited) =>
    (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) =>
      setEdited((known) => ({ ...known, [name]: event.target.value }));
  const change = changes(before, edited);
  const only = UNDER_WAY.has(detail.state);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setUnder(true);
    if (await wish(detail, { act: "edit", edit: change })) onClose();
    else setUnder(false);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Edit ${detail.key}`}
      about={
        only
          ? "Work for it is under way: hold it to change more than how much it matters."
          : "The next attempt is told what stands here."
      }
      wide
    >
      <form
        onSubmit={(event) => void send(event)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) event.currentTarget.requestSubmit();
        }}
        className="flex flex-col gap-4"
      >
        <TextField
          label="Title"
          required
          autoFocus={!only}
          disabled={only}
          value={edited.title}
          onChange={typed("title")}
        />
        <TextArea
          label="What is asked"
          rows={9}
          disabled={only}
          value={edited.body}
          onChange={typed("body")}
          className="font-mono"
        />
        <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
          <Choice label="Priority" autoFocus={only} value={edited.priority} onChange={typed("priority")}>
            {PRIORITIES.map((priority) => (
              <option key={priority}>{priority}</option>
            ))}
          </Choice>
          <Choice label="Agent" disabled={only} value={edited.agent} onChange={typed("agent")}>
            <option value="">as it is</option>
            {agents.map(({ name, kind }) => (
              <option key={name} value={name}>
                {name} ({kind})
              </option>
            ))}
          </Choice>
          <TextField label="Labels" value={edited.labels} onChange={typed("labels")} />
          <TextField label="Depends on" disabled={only} value={edited.depends} onChange={typed("depends")} />
          <TextField label="Scope" disabled={only} value={edited.scope} onChange={typed("scope")} />
        </div>
        <div>
          <Button
            type="submit"
            look="strong"
            disabled={under || !edited.title.trim() || Object.keys(change).length === 0}
          >
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
