// A new ticket: a line is enough; a paste or a file of Markdown brings title and text.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, type FormEvent, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { toast } from "sonner";
import { type AddTicket, given, type ProjectView } from "../../api";
import { client } from "../../data/daemon";
import { useWhyNot } from "../../data/me";
import { projectsQuery } from "../../data/queries";
import { whyNot } from "../../data/wishes";
import { fromMarkdown, words } from "../../model/draft";
import { PRIORITIES } from "../../model/states";
import { pathOf } from "../../shell/paths";
import { useProject } from "../../shell/project";
import { Button, Loading } from "../../ui/basics";
import { Dialog } from "../../ui/Dialog";
import { Choice, TextArea, TextField } from "../../ui/fields";
import { FILE_BYTES_MAX, FromFile } from "./FromFile";
import { PlanForm } from "./PlanForm";

export function NewTicket({ onClose }: { onClose(): void }) {
  const { data } = useQuery(projectsQuery);
  const forbidden = useWhyNot()("L1");
  const [asked] = useSearchParams();
  const plan = asked.get("new") === "plan";
  return (
    <Dialog
      open
      onClose={onClose}
      title={plan ? "Ask for a plan" : "New ticket"}
      about={
        plan
          ? "An agent reads the repository and proposes tickets. None is worked on before you accept it."
          : "A line is enough. Paste Markdown, and its heading becomes the title."
      }
      wide
    >
      {forbidden ? (
        <p className="py-8 text-center text-ink-2">{forbidden}</p>
      ) : data === undefined ? (
        <Loading what="One moment" />
      ) : data.length === 0 ? (
        <p className="py-8 text-center text-ink-2">
          There is no project yet: run gangline up in a repository.
        </p>
      ) : (
        <>
          <Kinds />
          {plan ? <PlanForm projects={data} /> : <Form projects={data} onClose={onClose} />}
        </>
      )}
    </Dialog>
  );
}

/** One ticket, or a goal that a planner makes several of. */
function Kinds() {
  const [asked, setAsked] = useSearchParams();
  const choose = (what: string) =>
    setAsked((before) => {
      const next = new URLSearchParams(before);
      next.set("new", what);
      return next;
    });
  return (
    <fieldset className="segments mb-4" aria-label="What to add">
      {[
        { what: "", title: "One ticket" },
        { what: "plan", title: "A plan of several" },
      ].map(({ what, title }) => (
        <button
          key={what}
          type="button"
          aria-pressed={(asked.get("new") ?? "") === what}
          onClick={() => choose(what)}
        >
          {title}
        </button>
      ))}
    </fieldset>
  );
}

interface Draft {
  project: string;
  title: string;
  body: string;
  priority: string;
  agent: string;
  labels: string;
  depends: string;
  scope: string;
  draft: boolean;
}

function wanted(draft: Draft): AddTicket {
  return {
    title: draft.title.trim(),
    body: draft.body,
    priority: draft.priority,
    agent: draft.agent || null,
    labels: words(draft.labels),
    depends_on: words(draft.depends),
    scope: words(draft.scope),
    budget: {},
    draft: draft.draft,
  };
}

function Form({ projects, onClose }: { projects: ProjectView[]; onClose(): void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [asked] = useSearchParams();
  const [chosen] = useProject();
  const [wrong, setWrong] = useState<string | null>(null);
  const [under, setUnder] = useState(false);
  const [draft, setDraft] = useState<Draft>({
    project: chosen ?? projects[0]?.name ?? "",
    title: asked.get("title") ?? "",
    body: "",
    priority: "medium",
    agent: "",
    labels: "",
    depends: asked.get("depends") ?? "",
    scope: "",
    draft: false,
  });
  const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const typed =
    (name: keyof Draft) => (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) =>
      set({ [name]: event.target.value });
  const take = (text: string) => {
    const { title, body } = fromMarkdown(text);
    set(draft.title.trim() ? { body: text } : { title, body });
  };
  const read = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > FILE_BYTES_MAX) setWrong(`${file.name} is larger than ${FILE_BYTES_MAX} bytes`);
    else take(await file.text());
  };
  const add = async (event: FormEvent) => {
    event.preventDefault();
    setUnder(true);
    try {
      const params = { path: { project: draft.project } };
      const { key } = await given(
        client.POST("/api/v1/projects/{project}/tickets", { params, body: wanted(draft) }),
      );
      toast.success(`${key} was added`);
      void queries.invalidateQueries({ queryKey: ["tickets"] });
      if (key) navigate(pathOf({ project: draft.project, key }));
      else onClose();
    } catch (error) {
      const { text, hint } = whyNot(error);
      setWrong(hint ? `${text}: ${hint}` : text);
      setUnder(false);
    }
  };
  const agents = projects.find(({ name }) => name === draft.project)?.agents ?? [];
  return (
    <form
      onSubmit={(event) => void add(event)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) event.currentTarget.requestSubmit();
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void read(event.dataTransfer.files[0]);
      }}
      className="flex flex-col gap-4"
    >
      <TextField
        label="Title"
        required
        autoFocus
        value={draft.title}
        onChange={typed("title")}
        onPaste={(event) => {
          const text = event.clipboardData.getData("text");
          if (!text.trim().includes("\n")) return;
          event.preventDefault();
          take(text);
        }}
      />
      <TextArea
        label="What is asked"
        rows={7}
        value={draft.body}
        onChange={typed("body")}
        hint="Markdown. What a reader needs to know, and how one sees that it is done."
        className="font-mono"
      />
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
        <Choice label="Project" value={draft.project} onChange={typed("project")}>
          {projects.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </Choice>
        <Choice label="Priority" value={draft.priority} onChange={typed("priority")}>
          {PRIORITIES.map((priority) => (
            <option key={priority}>{priority}</option>
          ))}
        </Choice>
        <Choice label="Agent" value={draft.agent} onChange={typed("agent")}>
          <option value="">whoever the policy names</option>
          {agents.map(({ name, kind }) => (
            <option key={name} value={name}>
              {name} ({kind})
            </option>
          ))}
        </Choice>
        <TextField
          label="Labels"
          value={draft.labels}
          onChange={typed("labels")}
          placeholder="cart, prices"
        />
        <TextField
          label="Depends on"
          value={draft.depends}
          onChange={typed("depends")}
          placeholder="SHOP-4"
        />
        <TextField label="Scope" value={draft.scope} onChange={typed("scope")} placeholder="src/cart/**" />
      </div>
      {wrong && (
        <p role="alert" className="told rounded-md bg-bad-soft px-3 py-2 text-bad">
          {wrong}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="strong" disabled={under || !draft.title.trim()}>
          {draft.draft ? "Keep as a draft" : "Add"}
        </Button>
        <label className="flex items-center gap-2 text-sm text-ink-2">
          <input
            type="checkbox"
            checked={draft.draft}
            onChange={(event) => set({ draft: event.target.checked })}
            className="accent-(--accent)"
          />
          as a draft
        </label>
        <FromFile onChosen={(file) => void read(file)} />
      </div>
    </form>
  );
}
