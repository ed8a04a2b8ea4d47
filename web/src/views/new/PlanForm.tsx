// A goal, for which a planner proposes tickets.

import { useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { toast } from "sonner";
import { given, type ProjectView } from "../../api";
import { client } from "../../data/daemon";
import { whyNot } from "../../data/wishes";
import { words } from "../../model/draft";
import { PLANNER } from "../../model/plans";
import { PRIORITIES } from "../../model/states";
import { planPath } from "../../shell/paths";
import { useProject } from "../../shell/project";
import { Button } from "../../ui/basics";
import { Choice, TextArea, TextField } from "../../ui/fields";
import { FILE_BYTES_MAX, FromFile } from "./FromFile";

export function PlanForm({ projects }: { projects: ProjectView[] }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [chosen] = useProject();
  const [wrong, setWrong] = useState<string | null>(null);
  const [under, setUnder] = useState(false);
  const [wish, setWish] = useState({
    project: chosen ?? projects[0]?.name ?? "",
    goal: "",
    agent: "",
    priority: "medium",
    labels: "",
  });
  const typed =
    (name: keyof typeof wish) =>
    (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) =>
      setWish((before) => ({ ...before, [name]: event.target.value }));
  const read = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > FILE_BYTES_MAX) return setWrong(`${file.name} is larger than ${FILE_BYTES_MAX} bytes`);
    const goal = await file.text();
    setWish((before) => ({ ...before, goal }));
  };
  const ask = async (event: FormEvent) => {
    event.preventDefault();
    setUnder(true);
    try {
      const params = { path: { project: wish.project } };
      const body = {
        goal: wish.goal,
        agent: wish.agent || null,
        priority: wish.priority,
        labels: words(wish.labels),
      };
      const { key } = await given(client.POST("/api/v1/projects/{project}/plans", { params, body }));
      void queries.invalidateQueries({ queryKey: ["tickets"] });
      if (!key) return;
      toast.success(`${key} is being planned`);
      navigate(planPath({ project: wish.project, key }));
    } catch (error) {
      const { text, hint } = whyNot(error);
      setWrong(hint ? `${text}: ${hint}` : text);
      setUnder(false);
    }
  };
  const agents = projects.find(({ name }) => name === wish.project)?.agents ?? [];
  return (
    <form
      onSubmit={(event) => void ask(event)}
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
      <TextArea
        label="Goal"
        required
        autoFocus
        rows={8}
        value={wish.goal}
        onChange={typed("goal")}
        placeholder="Prices are shown in the currency of the visitor"
        hint="Markdown. What is to be achieved, what is out of scope, and what a person wants to decide. Its first line becomes the title."
      />
      <div className="grid grid-cols-2 gap-4">
        <Choice label="Project" value={wish.project} onChange={typed("project")}>
          {projects.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </Choice>
        <Choice label="Planner" value={wish.agent} onChange={typed("agent")}>
          <option value="">{PLANNER}</option>
          {agents
            .filter(({ name }) => name !== PLANNER)
            .map(({ name, kind }) => (
              <option key={name} value={name}>
                {name} ({kind})
              </option>
            ))}
        </Choice>
        <Choice label="Priority" value={wish.priority} onChange={typed("priority")}>
          {PRIORITIES.map((priority) => (
            <option key={priority}>{priority}</option>
          ))}
        </Choice>
        <TextField label="Labels" value={wish.labels} onChange={typed("labels")} placeholder="prices" />
      </div>
      {wrong && (
        <p role="alert" className="told rounded-md bg-bad-soft px-3 py-2 text-bad">
          {wrong}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="strong" disabled={under || !wish.goal.trim()}>
          Ask for a plan
        </Button>
        <FromFile onChosen={(file) => void read(file)} />
      </div>
    </form>
  );
}
