// Who may come in over HTTP: programs with tokens, browsers with sessions.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { given, type ProjectView, Refused } from "../../api";
import { client } from "../../data/daemon";
import { useWhyNot } from "../../data/me";
import { tokensQuery } from "../../data/queries";
import { tellFailure } from "../../data/wishes";
import { moment } from "../../model/amount";
import { plain } from "../../model/plain";
import { ROLES } from "../../model/roles";
import { Button, Forbidden, Heading, Tag } from "../../ui/basics";
import { Choice, TextField } from "../../ui/fields";
import { Table } from "../../ui/Page";

export function Tokens({ projects }: { projects: ProjectView[] }) {
  const queries = useQueryClient();
  const whyNot = useWhyNot();
  const { data, error } = useQuery(tokensQuery);
  const [secret, setSecret] = useState<string | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: ["tokens"] });
  if (error instanceof Refused)
    return (
      <section aria-label="Tokens">
        <Heading>Tokens and sessions</Heading>
        <Forbidden why={whyNot("L3") ?? error.message} />
      </section>
    );
  const revoke = async (token: string) => {
    try {
      await given(client.DELETE("/api/v1/tokens/{token}", { params: { path: { token } } }));
      toast.success(`token ${token} was revoked`);
    } catch (failure) {
      tellFailure(failure);
    }
    await again();
  };
  return (
    <section aria-label="Tokens">
      <Heading>Tokens and sessions</Heading>
      <AddToken
        projects={projects}
        onAdded={(added) => {
          setSecret(added);
          void again();
        }}
      />
      {secret && (
        <p className="told mb-3 rounded-md bg-attention-soft px-3 py-2">
          This is shown once: <code className="font-mono select-all">{secret}</code>
        </p>
      )}
      <Table label="All tokens" heads={["Name", "Role", "Use", "Only", "Until", "Revoke"]}>
        {(data ?? []).map((token) => (
          <tr key={token.id}>
            <td>
              {plain(token.name)} <code className="font-mono text-xs text-ink-3">{token.id}</code>
            </td>
            <td>{token.role}</td>
            <td className="text-ink-2">{token.use}</td>
            <td className="text-ink-2">{token.projects.join(", ") || "all projects"}</td>
            <td className="figures whitespace-nowrap">
              {token.expired ? (
                <Tag tone="bad">expired</Tag>
              ) : token.expires_us ? (
                moment(token.expires_us)
              ) : (
                "for ever"
              )}
            </td>
            <td>
              <button
                type="button"
                className="-my-1 rounded-md py-1 text-bad hover:underline pointer-coarse:-my-2 pointer-coarse:py-2"
                onClick={() => void revoke(token.id)}
                aria-label={`Revoke ${token.name} ${token.id}`}
              >
                Revoke
              </button>
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function AddToken({ projects, onAdded }: { projects: ProjectView[]; onAdded(secret: string | null): void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState("L1");
  const [only, setOnly] = useState("");
  const add = async (event: FormEvent) => {
    event.preventDefault();
    try {
      const added = await given(
        client.POST("/api/v1/tokens", {
          body: { name: name.trim(), role, projects: only ? [only] : undefined },
        }),
      );
      onAdded(added.secret ?? null);
      setName("");
    } catch (error) {
      tellFailure(error);
    }
  };
  return (
    <form onSubmit={(event) => void add(event)} className="mb-3 flex flex-wrap items-end gap-3">
      <div className="w-44">
        <TextField
          label="Name"
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder="nightly"
        />
      </div>
      <div className="w-64">
        <Choice label="Role" value={role} onChange={(event) => setRole(event.target.value)}>
          {Object.entries(ROLES).map(([each, { may }]) => (
            <option key={each} value={each}>
              {each}: {may}
            </option>
          ))}
        </Choice>
      </div>
      <div className="w-40">
        <Choice label="Only" value={only} onChange={(event) => setOnly(event.target.value)}>
          <option value="">all projects</option>
          {projects.map((project) => (
            <option key={project.name}>{project.name}</option>
          ))}
        </Choice>
      </div>
      <Button type="submit" disabled={!name.trim()}>
        Add a token
      </Button>
    </form>
  );
}
