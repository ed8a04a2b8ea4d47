import { Mark } from "../../ui/Mark";

/** Of what stands for it: marks are those of tickets. */
const MARKS: Record<string, string> = {
  running: "working",
  delivered: "review",
  accepted: "landed",
  dropped: "cancelled",
};

/** Where a plan stands: mark and word. */
export function Standing({ standing, className = "" }: { standing: string; className?: string }) {
  return (
    <span
      data-standing={standing}
      className={`inline-flex items-center gap-1.5 whitespace-nowrap ${className}`}
    >
      <Mark state={MARKS[standing] ?? standing} />
      {standing}
    </span>
  );
}
