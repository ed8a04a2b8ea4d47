// What stands in the throw-away repository: a small shop, its policy, and its agents.

const POLICY = `version = 1

[project]
name = "shop"
key = "SHOP"
target = "main"

[landing]
mode = "local"
review = "required"

[checks.test]
run = "sh test.sh"
timeout = "30m"

[agents]
default = "ticket-worker"

[limits]
agents = 8
per_definition = 6

[budgets.ticket]
cost_usd = 20.00

[budgets.day]
cost_usd = 400.00

[schedules.licences]
cron = "0 6 1 1,7 *"
timezone = "Europe/Berlin"
title = "Look at the licences of new dependencies"
body = "Each licence that came since the last time is told, with the package that has it."
priority = "low"
labels = ["chore"]

[schedules.dependencies]
cron = "30 5 * * 1"
ticket = "chores/dependencies.md"
enabled = false
`;

const agent = (name, kind, description) =>
  `---\nname: ${name}\ndescription: ${description}\nkind: ${kind}\n${kind === "acp" ? "preset: scripted\n" : ""}---\nPlay the script that stands in the ticket.\n`;

/** Path and text of every file of the first commit. */
export const FILES = {
  "gangline.toml": POLICY,
  ".gangline/agents/ticket-worker.md": agent("ticket-worker", "scripted", "Takes any ticket."),
  ".gangline/agents/careful.md": agent("careful", "scripted", "Asks before it acts."),
  ".gangline/agents/planner.md": agent("planner", "scripted", "Makes tickets of a goal."),
  ".gangline/agents/night-shift.md": agent("night-shift", "acp", "Works while others sleep."),
  ".gangline/agents/editor.md": agent("editor", "external", "The sessions in people's editors."),
  "README.md": "# Shop\n\nA small shop with a cart, prices and an export.\n",
  "chores/dependencies.md":
    "# Bring the dependencies up to date\n\nOne commit each.\n\n```gangline-script\nsteps:\n  - write: { path: notes/dependencies.md, text: none }\n  - commit: Bring the dependencies up to date\n  - say: Done.\n```\n",
  "test.sh": [
    "# A suite whose length a file may say.",
    'if [ -f slow ]; then sleep "$(cat slow)"; fi',
    "echo 1..3",
    "echo 'ok 1 - the cart adds up'",
    "echo 'ok 2 - prices are rounded'",
    "if grep -rq BROKEN src; then echo 'not ok 3 - the export is read back'; exit 1; fi",
    "echo 'ok 3 - the export is read back'",
    "",
  ].join("\n"),
  "src/cart.ts": [
    'import { type Price, add, zero } from "./price";',
    "",
    "/** What somebody means to buy. */",
    "export interface Line {",
    "  article: string;",
    "  count: number;",
    "  price: Price;",
    "}",
    "",
    "export class Cart {",
    "  readonly lines: Line[] = [];",
    "",
    "  put(line: Line): void {",
    "    this.lines.push(line);",
    "  }",
    "",
    "  total(): Price {",
    "    let sum = zero;",
    "    for (const line of this.lines) {",
    "      for (let n = 0; n < line.count; n += 1) sum = add(sum, line.price);",
    "    }",
    "    return sum;",
    "  }",
    "}",
    "",
  ].join("\n"),
  "src/price.ts": [
    "/** In hundredths. */",
    "export type Price = number;",
    "export const zero: Price = 0;",
    "export const add = (a: Price, b: Price): Price => a + b;",
    "",
  ].join("\n"),
  "src/export.ts": 'export const line = (fields: string[]): string => fields.join(",");\n',
  "tests/cart.test.ts":
    'import { Cart } from "../src/cart";\n\ntest("an empty cart costs nothing", () => {\n  expect(new Cart().total()).toBe(0);\n});\n',
};
