// Scripts that agents of the throw-away world play, and the tickets that carry them.

const script = (text, body) => `${text}\n\n\`\`\`gangline-script\n${body.trim()}\n\`\`\`\n`;

const CART = `import { type Price, add, times, zero } from "./price";

/** What somebody means to buy. */
export interface Line {
  article: string;
  count: number;
  price: Price;
}

export class Cart {
  readonly lines: Line[] = [];

  /** Refuses what nobody can buy. */
  put(line: Line): void {
    if (!Number.isInteger(line.count) || line.count < 1) {
      throw new RangeError(\`\${line.count} of \${line.article}\`);
    }
    this.lines.push(line);
  }

  total(): Price {
    return this.lines.map((line) => times(line.price, line.count)).reduce(add, zero);
  }
}
`;

const block = (text, indent) =>
  text
    .replaceAll("${", "$${")
    .split("\n")
    .map((line) => (line ? " ".repeat(indent) + line : ""))
    .join("\n")
    .replaceAll("$${", "${");

/** A change that is read with pleasure: four files, claimed as it is. */
export const good = (note = "") =>
  script(
    `Totals are added up line by line, one article at a time. Multiply instead, and refuse counts that
nobody can buy.

- a count is a whole number, at least 1
- nothing else about the cart changes${note}`,
    `
pace_ms: 30
steps:
  - think: "The loop adds the price count times. A product is the same and says what is meant; the type is in hundredths, so that nothing has to be rounded."
  - say: I will read the cart and its prices first.
  - tool: { tool: Read, detail: src/cart.ts, paths: [src/cart.ts], ok: true }
  - tool: { tool: Read, detail: src/price.ts, paths: [src/price.ts], ok: true }
  - plan: [Add times to prices, Use it in the cart, Refuse bad counts, Test both]
  - usage: { tokens: 48200, cost_microusd: 412000 }
  - write:
      path: src/cart.ts
      text: |
${block(CART.replaceAll("${", "\\${"), 8).replaceAll("\\${", "$" + "{")}
  - append: { path: src/price.ts, text: "export const times = (price: Price, count: number): Price => price * count;\\n" }
  - write: { path: tests/count.test.ts, text: "test('nobody buys half a chair', () => {});\\n" }
  - append: { path: README.md, text: "\\nCounts are whole numbers, at least 1.\\n" }
  - tool: { tool: Bash, detail: "sh test.sh", ok: true }
  - commit: "Multiply, and refuse bad counts"
  - usage: { tokens: 91400, cost_microusd: 803000 }
  - claim: { summary: "Totals are products now and bad counts are refused; all tests pass.", commits: 1, files: [src/cart.ts, src/price.ts, tests/count.test.ts, README.md], tests_pass: true }
  - say: Done, all tests pass.
`,
  );

/** Says three times that it is done; nothing is there. */
export const liar = script(
  "Cache exchange rates for an hour.",
  `
steps:
  - say: Rates are cached now.
  - usage: { tokens: 12000, cost_microusd: 96000 }
  - claim: { summary: "Exchange rates are cached for an hour, all tests pass.", commits: 1, tests_pass: true }
  - say: Done, all tests pass.
`,
);

/** Its change breaks the suite. */
export const breaker = script(
  "Write the export with semicolons.",
  `
steps:
  - write: { path: src/export.ts, text: "// BROKEN\\nexport const line = (fields: string[]): string => fields.join(';');\\n" }
  - commit: "Write semicolons"
  - usage: { tokens: 31000, cost_microusd: 240000 }
  - claim: { summary: "The export has semicolons, all tests pass.", commits: 1, tests_pass: true }
  - say: The export has semicolons, all tests pass.
`,
);

/** Changes what is protected. */
export const trespasser = script(
  "Run the tests on every push.",
  `
steps:
  - write: { path: .github/workflows/test.yml, text: "on: push\\njobs: {}\\n" }
  - commit: "Run the tests on every push"
  - claim: { summary: "Tests run on every push.", commits: 1, files: [.github/workflows/test.yml] }
  - say: Tests run on every push.
`,
);

/** Asks, and waits. */
export const asker = script(
  "Parse prices of every shop: decimal point or comma, thousands apart or not.",
  `
steps:
  - say: I will look at the samples.
  - tool: { tool: Read, detail: samples/prices.csv, paths: [samples/prices.csv], ok: true }
  - usage: { tokens: 22000, cost_microusd: 184000 }
  - ask:
      text: "Which separator do prices in the old export use? The samples have both, and the README says nothing."
      options: ["a comma", "a point"]
      otherwise:
        - write: { path: src/parse.ts, text: "export const separator = '\${ANSWER}';\\n" }
  - write: { path: src/parsed.ts, text: "export const parsed = true;\\n" }
  - commit: "Parse prices"
  - claim: { summary: "Prices are parsed.", commits: 1 }
  - say: Prices are parsed.
`,
);

/** How long one sleeps until the world wakes it: a number that no other program's sleep has. */
export const ASLEEP_S = 10_000_000 + process.pid;

/** One page is ported. */
const round = (n) => `
  - think: "Page ${n} has its own template. The heading stands outside of the slot, so that it moves with it."
  - tool: { tool: Read, detail: pages/${n}.html, paths: [pages/${n}.html], ok: true }
  - tool: { tool: Edit, detail: pages/${n}.tsx, paths: [pages/${n}.tsx], ok: true }
  - tool: { tool: Bash, detail: "npm test -- pages/${n}", ok: ${n % 4 !== 3} }
  - usage: { tokens: 9000, cost_microusd: 61000 }
  - say: Page ${n} is ported.`;

/** Works for as long as anybody looks: `rounds` times the same handful of steps. */
export const busy = (rounds = 70, pace = 3000) => {
  const rest = Array.from({ length: rounds }, (_, n) => round(n + 1)).join("");
  return script(
    "Port the pages to the new templates, one after another.",
    `pace_ms: ${pace}\nsteps:\n  - say: I will port the pages one after another.\n  - plan: [List the pages, Port each, Run their tests, Remove the old templates]${rest}\n`,
  );
};

/**
 * Ports one page, sleeps until the world wakes it, ports another one, and then does nothing until it is
 * stopped: whoever looks sees the same, however late.
 */
export const patient = () =>
  script(
    "Port the pages to the new templates, one after another.",
    `steps:
  - say: I will port the pages one after another.
  - plan: [List the pages, Port each, Run their tests, Remove the old templates]${round(1)}
  - run: { argv: [sleep, "${ASLEEP_S}"], must_pass: false, deadline_ms: 3600000 }${round(2)}
  - tool: { tool: Read, detail: pages/3.html, paths: [pages/3.html], ok: true }
  - hang: {}
`,
  );

/** Its quota is used up for an hour. */
export const tired = script(
  "Tidy the changelog.",
  `steps:\n  - quota: { message: "the hour's limit is reached", resets_in_s: 3600 }\n`,
);

/** Cannot log in. */
export const lockedOut = script(
  "Sort the articles by name.",
  `steps:\n  - auth_fail: "its login has expired"\n`,
);

/** Is measured for so long, or until the world wakes it: the merge lane is seen at work. */
export const slow = (seconds = ASLEEP_S) =>
  script(
    "Measure twice.",
    `steps:\n  - write: { path: slow, text: "${seconds}" }\n  - commit: "Measure twice"\n  - claim: { summary: "Measured twice.", commits: 1 }\n  - say: Done.\n`,
  );

/** One small file, at once. */
export const small = (name) =>
  script(
    `Write ${name}.`,
    `steps:\n  - write: { path: "notes/${name}.md", text: "# ${name}\\n" }\n  - commit: "Write ${name}"\n  - usage: { tokens: 4200, cost_microusd: 31000 }\n  - claim: { summary: "Wrote ${name}.", commits: 1, files: ["notes/${name}.md"] }\n  - say: Done.\n`,
  );

/** A goal whose planner writes this plan. Plans have fences of their own. */
const goal = (text, plan, before = "") =>
  `${text}\n\n\`\`\`\`gangline-script\nsteps:\n  - say: I will read the prices and where they are shown.\n  - tool: { tool: Read, detail: src/price.ts, paths: [src/price.ts], ok: true }\n${before}  - usage: { tokens: 38000, cost_microusd: 290000 }\n  - write_output:\n      path: plan.md\n      text: |\n${block(plan, 8)}\n  - say: I propose what stands in the plan.\n\`\`\`\`\n`;

/** Three tickets: two that wait for the first one. What stands at their ends is for their agents. */
const CURRENCIES = (
  end = () => "",
) => `Rates come first, because both others read them. Whether prices are **rounded up** in other currencies is
for a person to say; the plan leaves them as they are. The mails are not part of it.

# Ticket #1: Keep exchange rates for a day
**Priority:** high
**Labels:** prices
**Scope:** \`src/rates/**\`, \`tests/rates.test.ts\`

Rates are read once a day from the bank's file and kept in \`src/rates/\`. When the source does not answer,
the last ones are used, with their date.
${end("rates")}
## Acceptance
- \`sh test.sh\` has a case in which the source does not answer
- a rate that is older than a week is refused

# Ticket #2: Show prices in the visitor's currency
**Priority:** medium
**Labels:** prices
**Depends on:** #1
**Scope:** \`src/price.ts\`, \`src/cart.ts\`

The cart shows totals in the currency that the visitor chose, and the shop's own beside it.
${end("shown")}
## Acceptance
- totals of an empty cart are zero in each currency
- nothing changes for visitors who chose none

# Ticket #3: Export prices with their currency
**Priority:** low
**Labels:** export
**Depends on:** #1
**Scope:** \`src/export.ts\`

Each line of the export ends with the currency's code.
${end("export")}
## Acceptance
- an export is read back as it was written
`;

/** A goal for which three tickets are proposed. */
export const currencies = goal(
  "Prices are shown in the currency of the visitor\n\nVisitors from abroad leave at the cart. The export has to say which currency it is in.",
  CURRENCIES(),
);

/** The same, of tickets whose agents write a small file each. */
export const workable = goal(
  "Prices in other currencies",
  CURRENCIES(
    (name) =>
      `\n\`\`\`gangline-script\nsteps:\n  - write: { path: "notes/${name}.md", text: "# ${name}\\n" }\n  - commit: "Write ${name}"\n  - say: Done.\n\`\`\`\n`,
  ).replace(/\*\*Scope:\*\* .*/g, "**Scope:** anywhere"),
);

/** A planner that waits for a word before it writes what cannot be read, and does so each time. */
export const unreadable = goal(
  "Faster carts",
  "Carts are slow.\n\n# Ticket #1: Measure\n\nMeasure.\n",
  "  - on:\n      try: 1\n      steps:\n        - await_steer: { within_ms: 600000 }\n",
);

/** What an agent of bad faith would have a page do. */
export const PAYLOADS = [
  "<img src=x onerror=alert(1)>",
  "<script>document.title='owned'</script>",
  "\u001b[2J\u001b]0;owned\u0007\u001b[31mred\u001b[0m",
  "[click](javascript:alert(1))",
  "\u202etxt.exe\u202c",
  "\"><svg onload=document.title='owned'>",
  "{{constructor.constructor('alert(1)')()}}",
];

/** Says and asks all of that. */
export const hostile = script(
  `Whatever stands here is text. ${PAYLOADS.join(" ")}`,
  `steps:\n${PAYLOADS.map((text) => `  - say: ${JSON.stringify(text)}\n  - tool: { tool: ${JSON.stringify(text)}, detail: ${JSON.stringify(text)}, ok: true }`).join("\n")}\n  - ask:\n      text: ${JSON.stringify(PAYLOADS.join(" "))}\n      options: [${JSON.stringify(PAYLOADS[0])}, "no"]\n  - no_change: done\n`,
);

/** The same, said in a plan. */
export const hostilePlan = `A goal. ${PAYLOADS.join(" ")}\n\n\`\`\`\`gangline-script\nsteps:\n  - write_output: { path: plan.md, text: ${JSON.stringify(
  `${PAYLOADS.join("\n\n")}\n\n# Ticket #1: ${PAYLOADS[0]} ${PAYLOADS[1]}\n**Scope:** \`${PAYLOADS[0].replaceAll(" ", "")}\`\n\n${PAYLOADS.join("\n\n")}\n\n## Acceptance\n- ${PAYLOADS[0]} ${PAYLOADS[1]}\n`,
)} }\n\`\`\`\`\n`;

/** Waits for a word, says that it heard it, and then does nothing until it is stopped. */
export const listener = script(
  "Port the mails to the new templates.",
  `
steps:
  - say: I will port the mails one after another.
  - await_steer: { within_ms: 600000 }
  - say: "I heard: \${STEER}"
  - hang: {}
`,
);

/**
 * Three attempts at one file: the first waits for a word and fails, the second does a little more and fails
 * in the same way, and the third, which begins anew, passes and turns a file's blanks into tabs.
 */
export const thrice = script(
  "Write the export with semicolons.",
  `
steps:
  - on:
      try: 1
      steps:
        - say: waiting
        - await_steer: { within_ms: 600000 }
        - write: { path: src/export.ts, text: "export const line = (fields: string[]): string => fields.join(';'); // BROKEN\\n" }
        - write: { path: notes/export.md, text: "# Export\\n\\nSemicolons.\\n" }
        - commit: "Write semicolons"
  - on:
      try: 2
      steps:
        - append: { path: notes/export.md, text: "\\nQuotes are doubled.\\n" }
        - commit: "Say more of it"
  - on:
      try: 3
      steps:
        - write: { path: src/export.ts, text: "export const line = (fields: string[]): string => fields.map(quoted).join(';');\\n" }
        - write: { path: notes/export.md, text: "# Export\\n\\nSemicolons, and quotes where they are needed.\\n" }
        - run: [sh, -c, "unexpand -t 2 src/cart.ts > cart && mv cart src/cart.ts"]
        - commit: "Write semicolons and quotes"
  - claim: { summary: "The export has semicolons.", commits: 1 }
  - say: Done.
`,
);
