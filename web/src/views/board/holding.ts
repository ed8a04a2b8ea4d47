// Keys for what dragging a card does.

import type { TicketView } from "../../api";
import { useWhyNot } from "../../data/me";
import { useWish } from "../../data/wishes";
import { ACTS } from "../../model/acts";
import { dropped } from "../../model/board";
import type { Keys } from "../../ui/keys";

/** Holds what is chosen, or lets it go on. */
export function useHolding(chosen: () => TicketView | undefined): Keys {
  const wish = useWish();
  const may = useWhyNot()("L1") === null;
  const onto = (column: string) => () => {
    const ticket = chosen();
    const act = ticket && dropped(ticket, column);
    if (act) void wish(ticket, { act });
  };
  if (!may) return {};
  return {
    h: [ACTS.hold.help, onto("Waiting")],
    u: ["open a draft, or let it go on", onto("At work")],
  };
}
