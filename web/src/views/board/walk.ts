// From card to card, by where they stand.

import type { RefObject } from "react";
import type { Keys } from "../../ui/keys";

type Way = "ArrowDown" | "ArrowUp" | "ArrowLeft" | "ArrowRight";

/** The card that is meant when one goes that way from a place; cards of a column have the same left side. */
function next(cards: HTMLElement[], from: DOMRect, way: Way): HTMLElement | undefined {
  const sideways = way === "ArrowLeft" || way === "ArrowRight";
  const sign = way === "ArrowDown" || way === "ArrowRight" ? 1 : -1;
  let best: { card: HTMLElement; far: number } | undefined;
  for (const card of cards) {
    const at = card.getBoundingClientRect();
    const [right, down] = [at.left - from.left, at.top - from.top];
    const along = sign * (sideways ? right : down);
    const aside = Math.abs(sideways ? down : right);
    // One further down is in the same column, one aside in the next that has any.
    if (along < 1 || (!sideways && aside > 1)) continue;
    const far = sideways ? along * 1_000 + aside : along;
    if (!best || far < best.far) best = { card, far };
  }
  return best?.card;
}

export function walking(box: RefObject<HTMLElement | null>): Keys {
  const go = (way: Way) => () => {
    const cards = [...(box.current?.querySelectorAll<HTMLElement>("[data-card]") ?? [])];
    const at = cards.find((card) => card === document.activeElement);
    const to = at ? next(cards, at.getBoundingClientRect(), way) : cards[0];
    to?.focus();
  };
  return {
    j: ["go down", go("ArrowDown")],
    ArrowDown: ["go down", go("ArrowDown")],
    k: ["go up", go("ArrowUp")],
    ArrowUp: ["go up", go("ArrowUp")],
    ArrowLeft: ["to the column before", go("ArrowLeft")],
    ArrowRight: ["to the next column", go("ArrowRight")],
  };
}
