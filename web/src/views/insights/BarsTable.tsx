// The course of a day for who reads tables, or cannot see bars.

import { Link } from "react-router";
import { span, utc } from "../../model/amount";
import { STAGES } from "../../model/course";
import { nameOf } from "../../model/needs";
import { plain } from "../../model/plain";
import { pathOf } from "../../shell/paths";
import { Table } from "../../ui/Page";
import type { TitledRow } from "./Bars";

export function BarsTable({ rows }: { rows: TitledRow[] }) {
  return (
    <details>
      <summary className="w-fit pb-2 text-sm text-ink-2 hover:text-ink">As a table</summary>
      <Table label="Course of the day" heads={["Ticket", "What", "From", "To", "Took", "How it ended"]}>
        {rows.flatMap((row) =>
          row.bars.map((bar) => (
            <tr key={`${nameOf(row)} ${bar.stage} ${bar.fromUs}`}>
              <td className="whitespace-nowrap">
                <Link to={pathOf(row)} className="font-mono text-xs hover:underline">
                  {row.key}
                </Link>
              </td>
              <td>{STAGES[bar.stage].title}</td>
              <td>{bar.earlier ? "before" : utc(bar.fromUs)}</td>
              <td>{bar.end === null ? "goes on" : utc(bar.toUs)}</td>
              <td className="whitespace-nowrap">{span((bar.toUs - bar.fromUs) / 1_000)}</td>
              <td className="told text-ink-2">{bar.end === null ? "" : plain(bar.end)}</td>
            </tr>
          )),
        )}
      </Table>
    </details>
  );
}
