import type { ReactNode } from "react";
import { Link } from "react-router";
import { Mark } from "../../ui/Mark";

interface StripProps {
  /** What kind of thing it tells. */
  label: string;
  /** Where it leads, and what one does there. */
  to: string;
  act: string;
  mark: string;
  tone: "attention" | "bad";
  children: ReactNode;
}

/** Above the queue: what blocks nobody, and that somebody has to know all the same. */
export function Strip({ label, to, act, mark, tone, children }: StripProps) {
  const [ground, ink] =
    tone === "bad" ? ["bg-bad-soft", "text-bad"] : ["bg-attention-soft", "text-attention"];
  return (
    <aside aria-label={label} className={`border-b border-line text-sm ${ground}`}>
      <Link
        to={to}
        className="group flex min-h-9 items-center gap-2.5 px-4 py-2 -outline-offset-2 md:px-5 pointer-coarse:min-h-11"
      >
        <Mark state={mark} />
        <span className="min-w-0 flex-1 truncate">{children}</span>
        <span className={`shrink-0 font-medium group-hover:underline ${ink}`}>{act}</span>
      </Link>
    </aside>
  );
}
