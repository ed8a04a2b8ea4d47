// A mark for each state: told apart by its shape, not by its colour.

import type { ReactElement } from "react";
import { toneOfState } from "../model/states";
import { INK } from "./tone";

const ring = <circle cx="7" cy="7" r="5.2" fill="none" stroke="currentColor" strokeWidth="1.5" />;
const disc = <circle cx="7" cy="7" r="6" fill="currentColor" />;
const cut = (d: string) => (
  <path
    d={d}
    fill="none"
    stroke="var(--surface)"
    strokeWidth="1.6"
    strokeLinecap="round"
    strokeLinejoin="round"
  />
);
const drawn = (d: string) => (
  <path
    d={d}
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeLinecap="round"
    strokeLinejoin="round"
  />
);

const pie = (d: string) => (
  <>
    {ring}
    <path d={d} fill="currentColor" />
  </>
);

const MARKS: Record<string, ReactElement> = {
  draft: (
    <circle
      cx="7"
      cy="7"
      r="5.2"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeDasharray="2 2.1"
    />
  ),
  open: ring,
  backoff: (
    <>
      {ring}
      {drawn("M7 4.5V7l1.8 1.2")}
    </>
  ),
  parked: (
    <>
      {ring}
      {drawn("M7 4.5V7l1.8 1.2")}
    </>
  ),
  held: (
    <>
      {ring}
      {drawn("M5.6 5v4M8.4 5v4")}
    </>
  ),
  working: pie("M7 7V3.6A3.4 3.4 0 0 1 7 10.400Z"),
  verifying: pie("M7 7V3.6A3.4 3.4 0 1 1 3.600 7Z"),
  review: (
    <>
      {ring}
      <circle cx="7" cy="7" r="2.2" fill="currentColor" />
    </>
  ),
  queued: (
    <>
      {ring}
      {drawn("M4.800 7h4.400M7.400 5.200 9.200 7 7.400 8.800")}
    </>
  ),
  landing: (
    <>
      {disc}
      {cut("M7 4v6M4.600 7.600 7 10l2.400-2.400")}
    </>
  ),
  escalated: (
    <>
      <path d="M7 .8 13.400 12.400H.6Z" fill="currentColor" strokeLinejoin="round" />
      {cut("M7 5v3.200M7 10.400v.1")}
    </>
  ),
  landed: (
    <>
      {disc}
      {cut("M4.400 7.200 6.300 9l3.400-3.900")}
    </>
  ),
  delivered: (
    <>
      {disc}
      {cut("M4.400 7.200 6.300 9l3.400-3.900")}
    </>
  ),
  cancelled: (
    <>
      {ring}
      {drawn("M5.200 5.200l3.600 3.600M8.800 5.200 5.200 8.800")}
    </>
  ),
  question: (
    <>
      {disc}
      {cut("M5.400 5.500a1.700 1.700 0 1 1 2.300 1.600c-.5.2-.7.5-.7 1M7 10.200v.1")}
    </>
  ),
  broken: (
    <>
      {disc}
      {cut("M7 3.600v4M7 10.200v.1")}
    </>
  ),
  silent: (
    <>
      {ring}
      {drawn("M4.800 7h4.400")}
    </>
  ),
};
MARKS.uncommitted = MARKS.silent as ReactElement;
MARKS.short = MARKS.silent as ReactElement;

export function Mark({ state, className = "" }: { state: string; className?: string }) {
  const breathing = state === "working" ? "breathing" : "";
  return (
    <svg
      viewBox="0 0 14 14"
      className={`size-3.5 shrink-0 ${INK[toneOfState(state)]} ${breathing} ${className}`}
      aria-hidden="true"
    >
      {MARKS[state] ?? ring}
    </svg>
  );
}

/** A state: mark and word. */
export function State({ state, className = "" }: { state: string; className?: string }) {
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${className}`}>
      <Mark state={state} />
      {state}
    </span>
  );
}
