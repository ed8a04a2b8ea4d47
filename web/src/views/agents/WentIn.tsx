// How honest each kind of agent has been in a project, how often it passed, and what it cost.

import { useQuery } from "@tanstack/react-query";
import { honestyQuery, insightsQuery } from "../../data/queries";
import { perAttempt, type Went, went } from "../../model/agents";
import { dollars, tokens, whole } from "../../model/amount";
import { plain } from "../../model/plain";
import { Age, Heading } from "../../ui/basics";
import { Table } from "../../ui/Page";

const HEADS = [
  "Agent",
  "Kind",
  "Cost",
  "Verified",
  "Passed at once",
  "Passed",
  "True claims",
  "False",
  "Last",
];

const share = (part: number, all: number) => (all === 0 ? "none yet" : `${Math.round((100 * part) / all)} %`);

export function WentIn({ project }: { project: string }) {
  const { data: honesty } = useQuery(honestyQuery(project));
  // What agents spent is counted since the beginning, whichever days are told.
  const { data: figures } = useQuery(insightsQuery(1));
  const spent = figures?.find((each) => each.project === project)?.agents ?? [];
  const rows = went(honesty ?? [], spent);
  if (rows.length === 0) return null;
  return (
    <section>
      <Heading>How it went in {project}</Heading>
      <Table label={`How it went in ${project}`} heads={HEADS}>
        {rows.map((row) => (
          <Row key={`${row.agent} ${row.kind} ${row.model}`} row={row} />
        ))}
      </Table>
    </section>
  );
}

function Row({ row }: { row: Went }) {
  const { agent, kind, model, honesty } = row;
  return (
    <tr>
      <td className="font-medium">{plain(agent)}</td>
      <td className="text-ink-2">
        {kind}
        {model && model !== kind && <span className="block text-xs text-ink-3">{plain(model)}</span>}
      </td>
      <td className="whitespace-nowrap">
        <Cost row={row} />
      </td>
      {honesty ? (
        <>
          <td>{whole(honesty.attempts)}</td>
          <td>{share(honesty.first_passed, honesty.firsts)}</td>
          <td>{share(honesty.passed, honesty.attempts)}</td>
          <td>
            {honesty.claims_true} of {honesty.claims_true + honesty.claims_false + honesty.claims_unproven}
          </td>
          <td className={honesty.claims_false > 0 ? "font-medium text-bad" : ""}>{honesty.claims_false}</td>
          <td className="whitespace-nowrap text-ink-3">
            <Age us={honesty.last_us} /> ago
          </td>
        </>
      ) : (
        <td colSpan={6} className="text-ink-3">
          nothing of it was verified yet
        </td>
      )}
    </tr>
  );
}

/** Money where it is known, tokens otherwise. */
function Cost({ row: { spent, models } }: { row: Went }) {
  if (!spent) return <span className="text-ink-3">{models > 1 ? "as above" : "none yet"}</span>;
  const each = perAttempt(spent);
  const of = models > 1 ? `of all ${models} models` : each !== null && `${dollars(each)} an attempt`;
  if (spent.cost_microusd + spent.tokens === 0) return <span className="text-ink-3">none told</span>;
  return (
    <>
      {spent.cost_microusd > 0 ? dollars(spent.cost_microusd) : tokens(spent.tokens)}
      {of && <span className="block text-xs text-ink-3">{of}</span>}
    </>
  );
}
