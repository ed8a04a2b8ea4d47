import { describe, expect, it } from "vitest";
import type { TicketView } from "../api";
import { columns, dropped, filtered, lanes, sorted } from "./board";
import { ticket } from "./fixture";

const keys = (tickets: TicketView[]) => tickets.map(({ key }) => key).join(" ");

describe("the board", () => {
  it("has each ticket in one column, what is urgent first", () => {
    const all = columns([
      ticket("S-10", "open"),
      ticket("S-9", "open"),
      ticket("S-8", "held", { priority: "critical" }),
      ticket("S-7", "working"),
      ticket("S-6", "escalated"),
      ticket("S-5", "landing"),
      ticket("S-4", "landed", { since_us: 1 }),
      ticket("S-3", "landed", { since_us: 2 }),
      ticket("S-2", "a-newer-state"),
      ticket("S-1", "parked", { wait: { for: "person", text: "a person to answer its question" } }),
    ]);
    expect(all.map(keys)).toEqual(["S-8 S-2 S-9 S-10", "S-7", "S-1 S-6", "S-5", "S-3 S-4"]);
  });

  it("finds tickets that have all the words", () => {
    const all = [ticket("S-1", "open", { labels: ["cart"] }), ticket("S-12", "held", { labels: ["cart"] })];
    expect(keys(filtered(all, " CART s-1 "))).toBe("S-1 S-12");
    expect(keys(filtered(all, "cart held"))).toBe("S-12");
    expect(filtered(all, "")).toBe(all);
  });

  it("has lanes", () => {
    const all = [
      ticket("S-1", "open", { labels: ["b", "a"] }),
      ticket("S-2", "open", { priority: "critical" }),
      ticket("S-3", "open", { priority: "low" }),
    ];
    const shown = (by: "label" | "priority") =>
      lanes(all, by).map(({ name, tickets }) => `${name}: ${keys(tickets)}`);
    expect(shown("label")).toEqual(["a: S-1", "b: S-1", "no label: S-2 S-3"]);
    expect(shown("priority")).toEqual(["critical: S-2", "high: ", "medium: S-1", "low: S-3"]);
  });

  it("lists what is farthest on its way first, and what is closed last", () => {
    const all = [
      ticket("S-1", "landed"),
      ticket("S-2", "draft"),
      ticket("S-3", "landing"),
      ticket("S-4", "escalated"),
    ];
    expect(keys(sorted(all, "state"))).toBe("S-4 S-3 S-2 S-1");
    expect(keys(sorted(all, "key"))).toBe("S-1 S-2 S-3 S-4");
  });

  it("holds what is dropped where tickets wait, and lets go on what is dropped where they are worked on", () => {
    expect(dropped(ticket("S-1", "open"), "Waiting")).toBe("hold");
    expect(dropped(ticket("S-1", "held"), "Waiting")).toBeNull();
    expect(dropped(ticket("S-1", "held"), "At work")).toBe("resume");
    expect(dropped(ticket("S-1", "draft"), "At work")).toBe("start");
    expect(dropped(ticket("S-1", "working"), "Queue")).toBeNull();
  });
});
