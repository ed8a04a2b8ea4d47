// Tells of what newly needs a person, also while the page is behind others.

import { useEffect, useRef } from "react";
import type { TicketView } from "../api";
import { mayNeed, nameOf } from "../model/needs";
import { plain } from "../model/plain";
import { toldHere } from "./push";

const KEY = "gangline:notices";

export const noticesWanted = () =>
  localStorage.getItem(KEY) === "yes" &&
  typeof Notification !== "undefined" &&
  Notification.permission === "granted";

/** Asks the browser for leave where that is needed; whether notices are shown from now on. */
export async function wantNotices(wanted: boolean): Promise<boolean> {
  const granted =
    wanted && typeof Notification !== "undefined" && (await Notification.requestPermission()) === "granted";
  if (granted) localStorage.setItem(KEY, "yes");
  else localStorage.removeItem(KEY);
  return granted;
}

/** Shows a notice for each ticket that newly needs a person. */
export function useNotices(tickets: TicketView[]): void {
  const known = useRef<Set<string> | null>(null);
  useEffect(() => {
    if (tickets.length === 0) return;
    const needed = tickets.filter(mayNeed);
    const before = known.current;
    known.current = new Set(needed.map(nameOf));
    // What was there when the page was opened is not news, and one message of the same is enough.
    if (before === null || !document.hidden || !noticesWanted() || toldHere()) return;
    for (const ticket of needed) {
      if (before.has(nameOf(ticket))) continue;
      new Notification(`${ticket.key} needs you`, {
        body: plain(ticket.title),
        tag: nameOf(ticket),
        icon: "/icon.svg",
      });
    }
  }, [tickets]);
}
