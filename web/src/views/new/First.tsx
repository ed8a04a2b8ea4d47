import { Link, useSearchParams } from "react-router";
import { useWhyNot } from "../../data/me";
import { Key } from "../../ui/basics";

/** Where there is no ticket yet: how one begins. */
export function First() {
  const [asked] = useSearchParams();
  const forbidden = useWhyNot()("L1");
  if (forbidden) return null;
  const to = (what: string) => {
    const next = new URLSearchParams(asked);
    next.set("new", what);
    return { search: next.toString() };
  };
  const look =
    "inline-flex h-8 items-center gap-2 rounded-md border px-3 text-sm font-medium pointer-coarse:h-10";
  return (
    <p className="mt-5 flex flex-wrap justify-center gap-2">
      <Link to={to("")} className={`${look} border-accent bg-accent text-accent-ink hover:opacity-90`}>
        New ticket <Key onAccent>+</Key>
      </Link>
      <Link
        to={to("plan")}
        className={`${look} border-line bg-raised hover:border-line-strong hover:bg-hover`}
      >
        Ask for a plan <Key>P</Key>
      </Link>
    </p>
  );
}
