// Which files a change touches, and how much.

import { Link } from "react-router";
import type { Diff } from "../../api";
import { count } from "../../model/amount";
import { verbatim } from "../../model/plain";
import { Heading } from "../../ui/basics";

export function Files({ diff, to }: { diff: Diff; to: string }) {
  const added = diff.files.reduce((sum, file) => sum + (file.added ?? 0), 0);
  const deleted = diff.files.reduce((sum, file) => sum + (file.deleted ?? 0), 0);
  return (
    <section aria-label="Changed files">
      <Heading
        right={
          <Link to={to} className="text-xs text-accent hover:underline">
            Read the diff
          </Link>
        }
      >
        {count(diff.files.length, "file")} changed <Delta added={added} deleted={deleted} />
      </Heading>
      <ul className="rounded-lg border border-line bg-surface">
        {diff.files.map((file) => (
          <li key={file.path} className="border-b border-line last:border-b-0">
            <Link
              to={`${to}#${encodeURIComponent(file.path)}`}
              className="flex items-center gap-3 px-3.5 py-1.5 hover:bg-hover"
            >
              <span className="w-3 font-mono text-xs text-ink-3">{file.status}</span>
              <span className="min-w-0 flex-1 truncate font-mono text-xs">{verbatim(file.path)}</span>
              <Delta added={file.added} deleted={file.deleted} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Lines that came and went. */
export function Delta({ added, deleted }: { added: number | null; deleted: number | null }) {
  if (added === null || deleted === null) return <span className="text-xs text-ink-3">binary</span>;
  return (
    <span className="figures font-mono text-xs tracking-normal normal-case">
      <span className="text-good">+{added}</span> <span className="text-bad">−{deleted}</span>
    </span>
  );
}
