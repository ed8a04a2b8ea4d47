// Which change is shown: of which attempt, since which, and whether blanks count.

import type { Diff, TicketDetail } from "../../api";
import { type Compared, comparable, tailOf } from "../../model/compared";

interface CompareProps {
  detail: TicketDetail;
  /** Everything that the last attempt changed. */
  whole: Diff;
  compared: Compared;
  onCompare(compared: Compared): void;
}

const LOOK = "picker max-w-56 text-ink";

export function Compare({ detail, whole, compared, onCompare }: CompareProps) {
  const { left, earlier } = comparable(detail.attempts, compared, whole.job);
  const last = tailOf(whole.job);
  const named = (job: string, try_no: number) => `${tailOf(job)}, try ${try_no}`;
  return (
    <>
      {left.length > 1 && (
        <select
          aria-label="Attempt"
          value={compared.attempt ?? last}
          onChange={({ target: { value } }) =>
            // What came before one attempt need not have come before another.
            onCompare({ blanks: compared.blanks, attempt: value === last ? undefined : value })
          }
          className={LOOK}
        >
          {left.map(({ job, try_no }) => (
            <option key={job} value={tailOf(job)}>
              {named(job, try_no)}
            </option>
          ))}
        </select>
      )}
      {(earlier.length > 0 || compared.since) && (
        <select
          aria-label="Changes since"
          value={compared.since ?? ""}
          onChange={({ target: { value } }) => onCompare({ ...compared, since: value || undefined })}
          className={LOOK}
        >
          <option value="">since its base</option>
          {earlier.map(({ job, try_no }) => (
            <option key={job} value={tailOf(job)}>
              since {named(job, try_no)}
            </option>
          ))}
        </select>
      )}
      <button
        type="button"
        aria-pressed={!compared.blanks}
        onClick={() => onCompare({ ...compared, blanks: !compared.blanks })}
        className={`${LOOK} pe-2.5 ${compared.blanks ? "hover:bg-hover" : "border-line-strong bg-chosen! font-medium"}`}
      >
        Ignore blanks
      </button>
    </>
  );
}
