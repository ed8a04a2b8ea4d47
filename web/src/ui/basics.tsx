// The smallest parts: keys, ages, tags, buttons, and what is said where there is nothing.

import type { ButtonHTMLAttributes, ReactNode } from "react";
import { useSaid } from "../data/now";
import { age, moment } from "../model/amount";
import type { Tone } from "../model/states";
import { SOFT } from "./tone";

interface KeyProps {
  children: ReactNode;
  onAccent?: boolean;
  /** It is what somebody asked for. */
  asked?: boolean;
}

/** A key of the keyboard; not there on a screen that is touched. */
export function Key({ children, onAccent = false, asked = false }: KeyProps) {
  const look = onAccent ? "border-current opacity-80" : "border-line bg-sunken text-ink-3";
  return (
    <kbd
      className={`${asked ? "inline-flex" : "hidden pointer-fine:inline-flex"} h-4 min-w-4 items-center justify-center rounded-sm border px-1 font-mono text-[10px] leading-none ${look}`}
      aria-hidden="true"
    >
      {children}
    </kbd>
  );
}

/** How long ago. */
export function Age({ us, className = "" }: { us: number; className?: string }) {
  const said = useSaid((nowMs) => age(us, nowMs));
  return (
    <time
      dateTime={new Date(us / 1_000).toISOString()}
      title={moment(us)}
      className={`figures whitespace-nowrap ${className}`}
    >
      {said}
    </time>
  );
}

export function Tag({ tone = "calm", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={`inline-flex max-w-full items-center rounded-sm px-1.5 text-2xs font-medium whitespace-nowrap ${SOFT[tone]}`}
    >
      <span className="truncate">{children}</span>
    </span>
  );
}

type Look = "strong" | "plain" | "quiet" | "bad";
const LOOKS: Record<Look, string> = {
  strong: "bg-accent text-accent-ink hover:opacity-90 font-medium",
  plain: "bg-raised text-ink border border-line hover:bg-hover hover:border-line-strong",
  quiet: "text-ink-2 hover:bg-hover hover:text-ink",
  bad: "bg-raised text-bad border border-line hover:bg-bad-soft",
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  shortcut?: string;
  /** Why who looks at it may not press it. */
  forbidden?: string | null;
}

export function Button({
  look = "plain",
  shortcut,
  forbidden = null,
  className = "",
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      aria-keyshortcuts={shortcut}
      className={`inline-flex h-8 items-center justify-center gap-2 rounded-md px-3 text-sm whitespace-nowrap transition-colors duration-100 disabled:cursor-not-allowed disabled:opacity-50 pointer-coarse:h-10 ${LOOKS[look]} ${className}`}
      {...rest}
      {...(forbidden === null ? {} : { disabled: true, title: forbidden })}
    >
      {children}
      {shortcut && <Key onAccent={look === "strong"}>{shortcut}</Key>}
    </button>
  );
}

export function Empty({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center justify-center gap-1 px-6 pt-14 pb-10 text-center">
      <div className="text-base font-medium text-ink-2">{title}</div>
      {children && <div className="max-w-md text-sm text-ink-3">{children}</div>}
    </div>
  );
}

/** The heading of a part of a page. */
export function Heading({ children, right }: { children: ReactNode; right?: ReactNode }) {
  return (
    <div className="flex items-center justify-between gap-3 pb-2">
      <h2 className="eyebrow">{children}</h2>
      {right}
    </div>
  );
}

/** Why something is not offered to who looks. */
export function Forbidden({ why, className = "" }: { why: string | null; className?: string }) {
  return why && <p className={`text-xs text-ink-3 ${className}`}>{why}</p>;
}

/** What somebody has to wait for. */
export function Loading({ what }: { what: string }) {
  return (
    <p className="late px-6 py-14 text-center text-sm text-ink-3" role="status">
      {what}
    </p>
  );
}
