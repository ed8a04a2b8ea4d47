import { describe, expect, it } from "vitest";
import type { TicketDetail, TicketView } from "../api";
import { age, cost, dollars, span, tokens } from "./amount";
import { ticket } from "./fixture";
import { needs } from "./needs";
import { plain, plainBlock, verbatim } from "./plain";

const detail = (view: TicketView, more: Partial<TicketDetail>): [string, TicketDetail] => [
  `shop.${view.key}`,
  { ...view, dependents: [], questions: [], ...more } as TicketDetail,
];
const person = { for: "person", text: "a person to answer its question" };

describe("what needs a person", () => {
  it("has who blocks most first, then what holds up most, then what has waited longest", () => {
    const tickets = [
      ticket("S-1", "review", { since_us: 5 }),
      ticket("S-2", "review", { since_us: 3 }),
      ticket("S-3", "escalated", { since_us: 1 }),
      ticket("S-4", "escalated", { since_us: 9 }),
      ticket("S-5", "working", { wait: person }),
      ticket("S-6", "working", {
        alerts: [{ kind: "silence", since_us: 2, text: "nothing has been heard of the agent" }],
      }),
      ticket("S-7", "open", { wait: { for: "dependencies", text: "S-4 to land", on: ["S-4"] } }),
      ticket("S-8", "open", { wait: { for: "circuit", text: "agent kind codex to be mended: why" } }),
      ticket("S-9", "open", { wait: { for: "circuit", text: "agent kind codexes to be mended: why" } }),
      ticket("S-10", "held", { wait: person }),
    ];
    const disk = { kind: "disk", since_us: 1, text: "1.4 GiB of 251.9 GiB disk free" };
    const node = {
      name: "local",
      state: "alive",
      slots: 2,
      kinds: [],
      jobs: [],
      draining: false,
      alerts: [disk],
    };
    const found = needs(tickets, [{ kind: "codex", why: "its login has expired" }], new Map(), [node]);
    expect(found.map((need) => `${need.word} ${need.id} ${need.holdsUp.join("+")}`)).toEqual([
      "broken kind:codex S-8",
      "question shop.S-5 ",
      "escalated shop.S-4 S-7",
      "escalated shop.S-3 ",
      "review shop.S-2 ",
      "review shop.S-1 ",
      "short node:local:disk ",
      "silent shop.S-6 ",
    ]);
  });

  it("tells the reason in full once the evidence is read", () => {
    const [asks, fails, doubted] = [
      ticket("S-1", "parked", { wait: person }),
      ticket("S-2", "escalated"),
      ticket("S-3", "review"),
    ];
    const details = new Map([
      detail(asks, {
        questions: [{ id: "q1", text: "Which\n one?", options: [], asked_us: 7 }],
        dependents: ["S-2", "S-99"],
      }),
      detail(fails, {
        escalation: { reason: "tries_spent", summary: "all 3 tries failed", suggestions: [] },
      }),
      detail(doubted, { report: { checks: [{ doubts: ["a binary file"] }] } as TicketDetail["report"] }),
    ]);
    const found = needs([asks, fails, doubted], [], details);
    expect(found.map((need) => [need.why, need.sinceUs, need.holdsUp])).toEqual([
      ["Which  one?", 7, ["S-2"]],
      ["all 3 tries failed", 0, []],
      ["look at this: a binary file", 0, []],
    ]);
  });
});

describe("what agents print", () => {
  it("is text, without what moves a cursor", () => {
    for (const [given, shown] of [
      ["\u001b[31mred\u001b[0m", "red"],
      ["\u001b]0;title\u0007text", "text"],
      ["\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link"],
      ["a\u0007b\u0000c\rd", "abcd"],
      ["\u009b2Jx", "x"],
      ["\u202etxt.exe", "\\u{202e}txt.exe"],
      ["\u001b]unended", "unended"],
      ["one\n two ", "one  two"],
      ["<b>bold</b>", "<b>bold</b>"],
    ] as const) {
      expect(plain(given)).toBe(shown);
    }
    expect(plainBlock("one\ntwo")).toBe("one\ntwo");
  });

  it("shows every character where it is judged", () => {
    expect(verbatim("a\u001b[31m\u200bb\n\tc")).toBe("a\\u{1b}[31m\\u{200b}b\n\tc");
  });
});

describe("amounts", () => {
  it("are said as on the command line", () => {
    expect([7, 4_250, 42_000, 61_000, 3_720_000, 90_000_000].map(span)).toEqual([
      "7 ms",
      "4.2 s",
      "42 s",
      "1 min 1 s",
      "1 h 2 min",
      "1 d 1 h",
    ]);
    expect([
      dollars(4_129_999),
      tokens(9_999),
      tokens(48_200),
      cost({ cost_microusd: 0, tokens: 12 }),
      cost(undefined),
    ]).toEqual(["4.12 USD", "9999 tok", "48 k tok", "12 tok", ""]);
    expect([0, 59_000, 61_000, 7_200_000, 200_000_000].map((ms) => age(0, ms))).toEqual([
      "0 s",
      "59 s",
      "1 min",
      "2 h",
      "2 d",
    ]);
  });
});
