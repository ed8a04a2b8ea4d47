// How it goes over time: figures of many days, or the course of one.

import { Suspense } from "react";
import { NavLink, useParams, useSearchParams } from "react-router";
import { lazily } from "../../shell/lazily";
import { Loading } from "../../ui/basics";
import { Figures } from "./Figures";

const Course = lazily(() => import("./Course"), "Course");

const PARTS = [
  { part: "", title: "Figures" },
  { part: "day", title: "A day" },
];

/** Leads from one part to the other; what else is asked for stays. */
export function Parts() {
  const [asked] = useSearchParams();
  return (
    <nav aria-label="Kinds of insights" className="flex rounded-md border border-line">
      {PARTS.map(({ part, title }) => (
        <NavLink
          key={part}
          end
          to={{ pathname: part ? `/insights/${part}` : "/insights", search: asked.toString() }}
          className={({ isActive }) =>
            `flex h-7.5 items-center px-3 text-xs first:rounded-l-md last:rounded-r-md ${isActive ? "bg-chosen font-medium" : "text-ink-3 hover:bg-hover"}`
          }
        >
          {title}
        </NavLink>
      ))}
    </nav>
  );
}

export function Insights() {
  const { part } = useParams();
  if (part !== "day") return <Figures parts={<Parts />} />;
  return (
    <Suspense fallback={<Loading what="One moment" />}>
      <Course parts={<Parts />} />
    </Suspense>
  );
}
