import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { chord, expect, inTheWay, need, test, told, visit } from "./fixture";
import { asker, hostile, hostilePlan, liar, PAYLOADS, small } from "./world/scripts.mjs";

test("a ticket is added from anywhere, out of a paste", async ({ page, world, site }) => {
  await visit(page, `${site}/insights`);
  await page.keyboard.press("+");
  const dialog = page.getByRole("dialog", { name: "New ticket" });
  await dialog.getByLabel("What is asked").fill("Whatever.");
  await dialog.getByLabel("Title").fill("Discounts for students");
  await dialog.getByLabel("Labels").fill("cart, prices");
  await dialog.getByLabel("Depends on").fill("SHOP-99999");
  await dialog.getByLabel("Priority").selectOption("high");
  await dialog.getByLabel("as a draft").check();
  await dialog.getByRole("button", { name: "Keep as a draft" }).click();
  await expect(dialog.getByRole("alert")).toContainText("SHOP-99999");
  await dialog.getByLabel("Depends on").fill("");
  await dialog.getByRole("button", { name: "Keep as a draft" }).click();
  await expect(page.getByRole("heading", { name: "Discounts for students" })).toBeVisible();
  const key = page.url().split("/").at(-1) ?? "";
  expect(await world.ticket(key)).toMatchObject({
    state: "draft",
    priority: "high",
    labels: ["cart", "prices"],
  });
});

test("the palette finds tickets and does things, and keys lead everywhere", async ({ page, world, site }) => {
  const key = await world.add("A needle in the hay", small("needle"), { draft: true });
  await expect(page.getByText("Needs you").or(page.getByText("Nothing needs you")).first()).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Find a ticket").fill("needle");
  await page.getByRole("option", { name: /needle/ }).waitFor();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/t/shop/${key}$`));
  for (const [letter, path] of [
    ["b", "/board"],
    ["p", "/plans"],
    ["c", "/schedules"],
    ["q", "/queue"],
    ["a", "/agents"],
    ["i", "/insights"],
    ["s", "/settings"],
    ["n", "/"],
  ] as const) {
    await chord(page, "g", letter);
    await expect(page).toHaveURL(new RegExp(`${path}$`));
  }
  // The help tells what holds where it is asked for, and what does elsewhere.
  const help = page.getByRole("dialog", { name: "Keys" });
  const part = (name: string | RegExp) => help.getByRole("region", { name, exact: true });
  await page.keyboard.press("?");
  await expect(part(/^About a ticket/)).toContainText("answer the agent's question");
  await expect(part("Here")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await chord(page, "g", "b");
  await page.getByLabel("Filter").waitFor();
  await page.keyboard.press("?");
  await expect(part("Here")).toContainText("filter");
  await expect(part("Here")).toContainText("to the next column");
  await page.keyboard.press("Escape");
  await visit(page, `${site}/t/shop/${key}`);
  await page.locator("[data-keys~=u]").waitFor();
  await page.keyboard.press("?");
  await expect(part("Here")).toContainText("open a draft");
  await expect(part("Here")).toContainText("transcript");
  await expect(part(/^About a ticket/)).not.toContainText("open a draft");
  await expect(part("Everywhere")).toContainText("ask for a plan");
  expect(await inTheWay(page)).toEqual([]);
});

test("a daemon that dies is shown, and what happens meanwhile is not missed", async ({ page, world }) => {
  const key = await world.add("Parse prices", asker);
  await expect(need(page, key)).toBeVisible();
  await world.kill();
  await expect(page.getByRole("alert")).toContainText("The daemon has not answered");
  await expect(need(page, key)).toBeVisible();
  world.start();
  await world.act(key, "answer", { text: "a comma" });
  await expect(page.getByRole("alert")).toHaveCount(0);
  await world.until(key, "review");
  await expect(need(page, key)).toContainText("review");
  await world.act(key, "cancel");
  await expect(need(page, key)).toHaveCount(0);
});

test("whatever agents print is text", async ({ page, world, site }) => {
  page.on("dialog", (dialog) => {
    throw new Error(`a dialog: ${dialog.message()}`);
  });
  const key = await world.add(`${PAYLOADS[0]} ${PAYLOADS[1]}`, hostile);
  await world.until(key, (ticket) => ticket.questions.length > 0);
  await expect(need(page, key)).toContainText("<img src=x onerror=alert(1)>");
  const plan = await world.plan(hostilePlan);
  await world.until(plan, "delivered");
  for (const path of [
    "/",
    "/board",
    "/board/list",
    "/board/graph",
    `/t/shop/${key}`,
    `/t/shop/${key}/transcript`,
    `/t/shop/${key}/brief`,
    `/t/shop/${key}/history`,
    `/plans/shop/${plan}`,
    "/agents",
  ]) {
    await visit(page, site + path);
    // The graph has only what waits, or is waited for.
    if (!path.endsWith("graph"))
      await expect(page.getByRole("main")).toContainText("<img src=x onerror=alert(1)>");
    expect(await page.title()).not.toBe("owned");
    expect(
      await page
        .locator("main script, main img[src='x'], main svg[onload], main a[href^='javascript']")
        .count(),
    ).toBe(0);
    expect(await page.locator("main").innerText()).not.toContain("\u001b");
  }
});

test("a project is paused, a token is added and revoked", async ({ page, world, site }) => {
  await visit(page, `${site}/settings`);
  const project = page.getByRole("region", { name: "Project shop" });
  await project.getByRole("button", { name: "Pause" }).click();
  await expect(project).toContainText("paused");
  await project.getByRole("button", { name: "Resume" }).click();
  await expect(project.getByRole("button", { name: "Pause" })).toBeVisible();
  const tokens = page.getByRole("region", { name: "Tokens", exact: true }).first();
  await tokens.getByLabel("Name").fill("nightly");
  await tokens.getByRole("button", { name: "Add a token" }).click();
  await expect(tokens).toContainText("gl_");
  const row = tokens.getByRole("row").filter({ hasText: "nightly" });
  await row.getByRole("button", { name: /Revoke/ }).click();
  await expect(row).toHaveCount(0);
  const { tokens: left } = await world.api("GET", "/tokens");
  expect(left.some((token: { name: string }) => token.name === "nightly")).toBe(false);
  await page.getByRole("button", { name: "dark", exact: true }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "system", exact: true }).click();
});

test("a configuration that is not followed is told to who can mend it, until it is", async ({
  page,
  browser,
  letIn,
  world,
  site,
}) => {
  const file = join(world.root, "config/config.toml");
  const good = readFileSync(file, "utf8");
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const viewer = await letIn(await browser.newContext(phone), "L0");
  const strip = page.getByRole("complementary", { name: "Configuration" });
  // Of the third line that is added to it.
  const at = `config.toml:${good.split("\n").length + 2}:1`;
  const notes = (of: Page) => of.getByRole("region", { name: "Configuration" }).getByRole("note");

  writeFileSync(file, `${good}\n[daemon]\nlgo = "info"\n`);
  await expect(strip).toContainText(`Not taken over: ${at}: unknown key \`lgo\``);
  await strip.getByRole("link").click();
  await expect(page).toHaveURL(/\/settings$/);
  for (const each of [page, viewer]) {
    if (each === viewer) await visit(viewer, `${site}/settings`);
    await expect(notes(each)).toContainText("config.toml has a mistake, and is not taken over");
    await expect(notes(each)).toContainText(`${file.replace("config.toml", at)}: unknown key \`lgo\``);
    await expect(notes(each)).toContainText("did you mean `log`?");
    expect.soft(await inTheWay(each)).toEqual([]);
  }
  const [inner, outer] = await viewer.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(inner).toBeLessThanOrEqual(outer ?? 0);
  // Who cannot do anything about it is not called to it.
  await visit(viewer, site);
  await expect(viewer.getByText("Nothing needs you")).toBeVisible();
  await expect(viewer.getByRole("complementary", { name: "Configuration" })).toHaveCount(0);

  writeFileSync(file, `${good}\n[daemon]\nlog_format = "json"\n`);
  await expect(notes(page)).toContainText("Waits for the daemon's next start: daemon.log_format");
  await expect(notes(page)).toContainText("gangline down && gangline up --detach");
  expect.soft(await inTheWay(page)).toEqual([]);
  await visit(page, site);
  await expect(strip).toContainText("Waits for the daemon's next start: daemon.log_format");
  expect.soft(await inTheWay(page)).toEqual([]);

  writeFileSync(file, good);
  await expect(strip).toHaveCount(0);
});

test("a webhook is tried with a ping", async ({ page, world, site }) => {
  await visit(page, `${site}/settings`);
  const hook = page
    .getByRole("region", { name: "Webhooks", exact: true })
    .getByRole("row")
    .filter({ hasText: "board" });
  await expect(hook).toContainText("landed");
  await hook.getByRole("button", { name: "Test board" }).click();
  await told(page, /board took a ping in \d+ ms/);
  expect(world.told).toContain("ping");
});

test("a part of the page that cannot be loaded is told, and loaded when it can be", async ({
  letIn,
  browser,
  site,
}) => {
  const page = await letIn(await browser.newContext({ serviceWorkers: "block" }));
  await visit(page, site);
  await page.route(/\/assets\/Insights-.*\.js/, (route) => route.fulfill({ status: 404, body: "" }));
  await page.getByRole("link", { name: "Insights" }).click();
  await expect(page.getByRole("alert")).toContainText("A part of the page could not be loaded");
  expect(await inTheWay(page)).toEqual([]);
  await page.getByRole("link", { name: "Board" }).click();
  await expect(page.getByRole("heading", { name: "Board" })).toBeVisible();
  await page.getByRole("link", { name: "Insights" }).click();
  await page.unroute(/\/assets\/Insights-.*\.js/);
  await page.getByRole("button", { name: "Load the page again" }).click();
  await expect(page.getByRole("heading", { name: "Insights" })).toBeVisible();
});

test("a session that is not known is told how to come in", async ({ browser, site }) => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(site);
  await expect(page.getByText("gangline dashboard")).toBeVisible();
  await page.context().close();
});

test("on a phone, questions are answered and commits approved", async ({ browser, letIn, world, site }) => {
  const asks = await world.add("Parse prices", asker);
  const waits = await world.add("Write the phone book", small("phone"));
  await world.until(waits, "review");
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const page = await letIn(context);
  await page.goto(site);
  await need(page, asks).tap();
  await page.getByRole("button", { name: "a point" }).first().tap();
  await told(page, `${asks} answered`);
  await need(page, waits).tap();
  await page.getByRole("button", { name: "Approve" }).tap();
  await page.getByRole("form", { name: "Approve" }).getByRole("button", { name: "Approve" }).tap();
  await told(page, `${waits} approved`);
  await world.until(waits, "landed");
  for (const path of [
    "/",
    "/board",
    "/board/list",
    "/plans",
    "/schedules",
    "/settings/policy/shop",
    "/queue",
    "/agents",
    "/insights",
    "/insights/day",
    "/settings",
    `/t/shop/${asks}`,
  ]) {
    await visit(page, site + path);
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(inner, `${path} is as wide as the phone`).toBeLessThanOrEqual(outer ?? 0);
  }
});

test("nothing stands in the way of who cannot see, or has no mouse", async ({ page, world, site }) => {
  test.slow();
  const key = await world.add("Refuse bad counts", small("axe"));
  const failed = await world.add("Cache exchange rates", liar);
  await world.until(key, "review");
  await world.until(failed, "escalated");
  const paths = [
    "/",
    "/board",
    "/board/list",
    "/board/graph",
    "/plans",
    "/queue",
    "/agents",
    "/insights",
    "/insights/day",
    "/settings",
    "/?new",
    "/?new=plan",
    "/settings/policy/shop",
    "/schedules?write=",
    `/t/shop/${key}`,
    `/t/shop/${key}/diff`,
    `/t/shop/${failed}/transcript`,
    `/t/shop/${failed}/history`,
    `/t/shop/${failed}/brief`,
  ];
  for (const path of paths) {
    await visit(page, site + path);
    expect.soft(await inTheWay(page), path).toEqual([]);
  }
});
