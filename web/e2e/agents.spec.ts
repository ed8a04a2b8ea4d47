import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inTheWay, test, told, visit } from "./fixture";
import { slow, small } from "./world/scripts.mjs";

test("external sessions are told with what they are at, and let go after a second look", async ({
  page,
  browser,
  letIn,
  world,
  site,
}) => {
  await visit(page, `${site}/agents`);
  const all = page.getByRole("region", { name: "External sessions of shop" });
  await expect(all).toContainText("gangline external register NAME --agent editor");
  const register = { id: "one", agent: "editor", capabilities: ["rust"], max_concurrent_issues: 2 };
  await world.api("POST", "/projects/shop/external", { ...register, heartbeat_timeout_ms: 600_000 });
  const session = all.getByRole("listitem");
  await expect(session).toContainText("external, by the definition editor");
  await expect(session).toContainText("free for 2 tickets");
  await expect(session).toContainText("given up when not heard for 10 min");
  await expect(session).toContainText("rust");
  const key = await world.add("Sort the imports", "By name.", { agent: "editor" });
  await expect(session).toContainText("1 of 2 tickets");
  await expect(session).toContainText(`works on it: ${key} Sort the imports`);
  expect.soft(await inTheWay(page)).toEqual([]);

  const viewer = await letIn(await browser.newContext(), "L0");
  await visit(viewer, `${site}/agents`);
  await expect(viewer.getByRole("button", { name: "Let go of one" })).toBeDisabled();

  await page.getByRole("button", { name: "Let go of one" }).click();
  const form = page.getByRole("form", { name: "Let go of one" });
  await expect(form).toContainText(`${key} is taken from it as it is and opens again; no try is spent.`);
  expect.soft(await inTheWay(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(form).toHaveCount(0);
  await expect(session).toHaveCount(1);
  await session.focus();
  await page.keyboard.press("x");
  await page.keyboard.press("Enter");
  await told(page, "one is let go");
  await expect(session).toHaveCount(0);
  await world.until(key, ({ state, wait }) => state === "open" && wait.for === "external");
  expect((await world.api("GET", "/projects/shop/external")).sessions).toEqual([]);
});

test("what each agent cost stands beside how often it passed, and what it committed last", async ({
  page,
  world,
  site,
}) => {
  const done = await world.add("Write the glossary", small("glossary"), { agent: "careful" });
  const under = await world.add("Measure twice", slow(), { priority: "critical" });
  await world.until(done, "review");
  const { attempts } = await world.until(under, ({ state }) => state === "verifying");
  const commit = String((attempts[0] as { commit: string }).commit).slice(0, 10);
  await visit(page, `${site}/agents`);
  const { agents } = (await world.api("GET", "/insights?days=1")).projects[0];
  const careful = agents.find(({ agent }: { agent: string }) => agent === "careful");
  const usd = (micros: number) => (Math.floor(micros / 10_000) / 100).toFixed(2);
  const row = page
    .getByRole("region", { name: "How it went in shop" })
    .getByRole("row", { name: /^careful/ });
  await expect(row).toContainText(`${usd(careful.cost_microusd)} USD`);
  await expect(row).toContainText(`${usd(careful.cost_microusd / careful.attempts)} USD an attempt`);
  await expect(row).toContainText(/\d+ %/);
  const worker = page.getByRole("list", { name: "At work" }).getByRole("listitem").filter({ hasText: under });
  await expect(worker).toContainText(new RegExp(`commit ${commit} kept \\d+ (s|min) ago`));
  expect.soft(await inTheWay(page)).toEqual([]);
  await world.until(under, "review", () => world.wake());
});

test("a node that runs short is told to who looks, with where to look for help", async ({
  page,
  world,
  site,
}) => {
  const file = join(world.root, "config/config.toml");
  const good = readFileSync(file, "utf8");
  // More than any disk has.
  writeFileSync(file, `${good}\n[daemon]\ndisk_alert = "900000GiB"\n`);
  const row = page.getByRole("region", { name: "Needs you" }).getByRole("button", { name: /short local/ });
  await row.click();
  await expect(page.getByRole("article", { name: "local short" })).toContainText("gangline doctor");
  expect.soft(await inTheWay(page)).toEqual([]);
  await visit(page, `${site}/agents`);
  const node = page.getByRole("region", { name: "Nodes" }).getByRole("listitem").filter({ hasText: "local" });
  await expect(node).toContainText("short of disk");
  await expect(node).toContainText(/disk free, .* · for \d+ (s|min)/);
  await visit(page, site);
  await page.getByRole("link", { name: "check-up" }).click();
  await expect(page).toHaveURL(/settings#check-up$/);
  await expect(page.getByRole("button", { name: "Check this machine" })).toBeInViewport();
  writeFileSync(file, good);
  await visit(page, site);
  // There has to be enough for a minute.
  await expect(row).toHaveCount(0, { timeout: 120_000 });
});

// The program has neither POST /nodes/{node}/drain nor /resume yet.
test("a node is drained, what runs there ends in peace, and it goes on", async ({
  page,
  browser,
  letIn,
  world,
  site,
}) => {
  const at = await world.add("Write the register", slow(), { priority: "critical" });
  await world.until(at, ({ state }) => state === "verifying");
  await visit(page, `${site}/agents`);
  const node = page.getByRole("region", { name: "Nodes" }).getByRole("listitem").filter({ hasText: "local" });
  await node.focus();
  await page.keyboard.press("d");
  await told(page, "local is drained; what runs there ends in peace");
  await expect(node).toContainText("draining");
  expect.soft(await inTheWay(page)).toEqual([]);
  const waits = await world.add("Write the appendix", small("appendix"));
  await world.until(waits, ({ state, wait }) => state === "open" && wait.for === "drained");
  await world.until(at, "review", () => world.wake());
  const viewer = await letIn(await browser.newContext(), "L1");
  await visit(viewer, `${site}/agents`);
  await expect(viewer.getByRole("button", { name: "Go on with local" })).toBeDisabled();
  await page.getByRole("button", { name: "Go on with local" }).click();
  await told(page, "local goes on");
  await expect(node.getByRole("button", { name: "Drain local" })).toBeEnabled();
  await expect(node).not.toContainText("draining");
  await world.until(waits, "review");
});

// The program has no GET /doctor yet.
test("the machine is checked: what does not work stands first, with what helps", async ({
  page,
  browser,
  letIn,
  site,
}) => {
  await visit(page, `${site}/settings#check-up`);
  const checkUp = page.getByRole("region", { name: "Check-up" });
  await page.keyboard.press("v");
  await expect(checkUp.getByRole("button", { name: "Check this machine" })).toBeDisabled();
  await expect(checkUp.getByRole("status")).toContainText(/\d+ things looked at/);
  await checkUp.getByText(/\d+ as they ought to be/).click();
  const findings = checkUp.getByRole("listitem");
  await expect(findings.filter({ hasText: "git" }).first()).toBeVisible();
  const health = await findings.evaluateAll((all) => all.map((each) => each.getAttribute("data-health")));
  const rank = (each: string | null) => ["bad", "fair", "good"].indexOf(each ?? "");
  expect(health).toEqual(health.toSorted((a, b) => rank(a) - rank(b)));
  expect.soft(await inTheWay(page)).toEqual([]);
  // What was found stays while one looks at something else.
  await page.getByRole("link", { name: "Board" }).click();
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(checkUp.getByRole("status")).toContainText(/\d+ things looked at/);
  const operator = await letIn(await browser.newContext(), "L1");
  await visit(operator, `${site}/settings`);
  await expect(operator.getByRole("button", { name: "Check this machine" })).toBeDisabled();
});
