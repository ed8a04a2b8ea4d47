import { expect, it } from "vitest";
import type { TicketView } from "../api";
import { ticket } from "./fixture";
import { acceptance, goalOf, heldBack, perhaps, planOf, plans, standing, undecided, waves } from "./plans";

const draft = (key: string, more: Partial<TicketView> = {}) =>
  ticket(key, "draft", { labels: ["prices", "plan:S-1"], ...more });

it("a plan is delivered until nothing of it is a draft any more", () => {
  expect(standing("open", [])).toBe("open");
  expect(standing("working", [])).toBe("running");
  expect(standing("delivered", [{ state: "draft" }, { state: "open" }])).toBe("delivered");
  expect(standing("delivered", [{ state: "cancelled" }, { state: "landed" }])).toBe("accepted");
  expect(standing("delivered", [{ state: "cancelled" }])).toBe("dropped");
  expect(standing("delivered", [])).toBe("accepted");
});

it("plans are found by what they proposed, or by being known as plans", () => {
  const all = [
    ticket("S-1", "delivered", { title: "Currencies", created_us: 1 }),
    draft("S-10"),
    draft("S-9"),
    draft("S-9", { project: "other" }),
    ticket("S-3", "working", { title: "Plan: Faster carts", created_us: 3 }),
    ticket("S-4", "open", { title: "Plan: a party", created_us: 4 }),
  ];
  expect(perhaps(all).map(({ key }) => key)).toEqual(["S-3", "S-4"]);
  const found = plans(all, new Set(["shop.S-3"]));
  expect(found.map((plan) => [plan.ticket.key, plan.standing, plan.proposed.map(({ key }) => key)])).toEqual([
    ["S-3", "running", []],
    ["S-1", "delivered", ["S-9", "S-10"]],
  ]);
  expect(undecided(all).map((plan) => plan.ticket.key)).toEqual(["S-1"]);
  expect(planOf(draft("S-2"))).toBe("S-1");
  expect(goalOf("Plan: Faster carts")).toBe("Faster carts");
});

it("what is to hold is told apart from what is asked", () => {
  const body = [
    "**Priority:** high",
    "**Scope:** `src/**`",
    "",
    "What is wanted.",
    "",
    "```",
    "## Acceptance of a fence",
    "```",
    "## Acceptance",
    "- it works",
    "### More",
    "- it is fast",
    "## Notes",
    "None.",
  ];
  const { text, checks } = acceptance(body.join("\n"));
  expect(checks).toBe("- it works\n### More\n- it is fast");
  expect(text).toBe("What is wanted.\n\n```\n## Acceptance of a fence\n```\n## Notes\nNone.");
  expect(acceptance("Do it.")).toEqual({ text: "Do it.", checks: "" });
});

it("tickets stand in the order in which they can be worked on", () => {
  const tickets = [
    { key: "C", dependencies: ["A", "B"] },
    { key: "A", dependencies: ["X"] },
    { key: "B", dependencies: ["A"] },
    { key: "D" },
  ];
  expect(waves(tickets).map((wave) => wave.map(({ key }) => key))).toEqual([["A", "D"], ["B"], ["C"]]);
  expect(waves([{ key: "A", dependencies: ["A"] }])).toHaveLength(1);
});

it("what would wait for a draft is told", () => {
  const tickets = [
    { key: "A", state: "draft" },
    { key: "B", state: "draft", dependencies: ["A"] },
    { key: "C", state: "open", dependencies: ["A"] },
  ];
  expect(heldBack(tickets, new Set(["B"]))).toEqual(new Map([["B", ["A"]]]));
  expect(heldBack(tickets, new Set(["A", "B"])).size).toBe(0);
});
