import type { Tone } from "../model/states";

/** Letters of that tone. */
export const INK: Record<Tone, string> = {
  good: "text-good",
  bad: "text-bad",
  attention: "text-attention",
  busy: "text-accent",
  calm: "text-ink-3",
};

/** A quiet ground of that tone, with its letters. */
export const SOFT: Record<Tone, string> = {
  good: "bg-good-soft text-good",
  bad: "bg-bad-soft text-bad",
  attention: "bg-attention-soft text-attention",
  busy: "bg-chosen text-accent",
  calm: "bg-sunken text-ink-2",
};
