// How it goes over time: figures of many days, or the course of one.

import { Suspense } from "react";
import { NavLink, useNavigate, useParams, useSearchParams } from "react-router";
import { lazily } from "../../shell/lazily";
import { Loading } from "../../ui/basics";
import { useKeys } from "../../ui/keys";
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
    <nav aria-label="Kinds of insights" className="segments">
      {PARTS.map(({ part, title }) => (
        <NavLink key={part} end to={{ pathname: addressOf(part), search: asked.toString() }}>
          {title}
        </NavLink>
      ))}
    </nav>
  );
}

const addressOf = (part: string) => (part ? `/insights/${part}` : "/insights");

export function Insights() {
  const navigate = useNavigate();
  const { part } = useParams();
  const [asked] = useSearchParams();
  useKeys({
    ...Object.fromEntries(
      PARTS.map(({ part: to, title }, at) => [
        `${at + 1}`,
        [title.toLowerCase(), () => navigate({ pathname: addressOf(to), search: asked.toString() })] as const,
      ]),
    ),
    Escape: ["back", () => navigate("/")],
  });
  if (part !== "day") return <Figures parts={<Parts />} />;
  return (
    <Suspense fallback={<Loading what="One moment" />}>
      <Course parts={<Parts />} />
    </Suspense>
  );
}
