import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "smol-toml";
import { expect, it } from "vitest";
import { DEFAULTS, OF_CHECK, PROTECTED, readPolicy } from "./policy";

const PAGE = readFileSync(resolve(import.meta.dirname, "../../../docs/configuration.md"), "utf8");
const [, block = ""] = /```toml gangline\.toml\n([\s\S]*?)\n```/.exec(PAGE) ?? [];
const documented = parse(block) as Record<string, Record<string, unknown>>;
const { run, kind, ...documentedCheck } = (documented.checks ?? {}).test as Record<string, unknown>;

it("the defaults are those that are documented", () => {
  for (const [name, defaults] of Object.entries(DEFAULTS)) expect(documented[name], name).toEqual(defaults);
  expect(documentedCheck).toEqual(OF_CHECK);
  expect([typeof run, typeof kind]).toEqual(["string", "string"]);
  for (const pattern of PROTECTED) expect(PAGE).toContain(`\`${pattern}\``);
  const shown = [...Object.keys(DEFAULTS), "version", "project", "checks", "agents", "budgets", "resources"];
  expect(Object.keys(documented).filter((name) => !shown.includes(name))).toEqual([]);
});

it("each default has words", () => {
  for (const rules of Object.values(readPolicy("").tables))
    for (const { key, words } of rules) expect(words, key).not.toBe(key.split(".")[1]);
});

it("what is written is told apart from what holds anyway", () => {
  const {
    tables,
    checks,
    protected: paths,
    definitions,
    schedules,
    waived,
  } = readPolicy(`
    [landing]
    review = "required"
    [checks.unit]
    run = ["cargo", "test"]
    timeout = "30m"
    tests_min = 12
    network = false
    [checks.lint]
    run = "cargo clippy"
    kind = "lint"
    required = false
    [agents.definitions.careful]
    max_concurrent = 1
    mcp = ["docs"]
    [budgets.day]
    cost_usd = 40.5
    wall = "6h"
    [resources]
    memory = "8GiB"
    later = 1979-05-27
    [protected]
    paths = ["deploy/**"]
    [schedules.nightly]
    cron = "0 6 * * *"
  `);
  const rule = (key: string) =>
    Object.values(tables)
      .flat()
      .find((each) => each.key === key);
  expect(rule("landing.review")).toMatchObject({ value: "each landing", written: true });
  expect(rule("landing.mode")).toMatchObject({ value: "lands on the target", written: false });
  expect(rule("limits.tries")).toMatchObject({ words: "Tries of a ticket", value: "3" });
  expect(rule("budgets.day")).toMatchObject({ words: "A day", value: "40.50 USD, 6h" });
  expect(rule("resources.later")).toMatchObject({ words: "later" });
  expect(checks).toEqual([
    {
      name: "unit",
      command: "cargo test",
      kind: null,
      required: true,
      timeout: "30m",
      more: [{ key: "tests_min", words: "tests min", value: "12", written: true }],
    },
    { name: "lint", command: "cargo clippy", kind: "lint", required: false, timeout: "10m", more: [] },
  ]);
  expect(paths).toEqual({ patterns: ["deploy/**"], written: true });
  expect(definitions).toEqual([{ name: "careful", says: "max_concurrent = 1, mcp = [docs]" }]);
  expect([schedules, waived]).toEqual([["nightly"], null]);
  expect(readPolicy('checks_waived = "a test"').waived).toBe("a test");
});
