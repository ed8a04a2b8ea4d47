import type { Page } from "@playwright/test";
import { chord, expect, inTheWay, press, test, told, visit } from "./fixture";
import { currencies, small, unreadable, workable } from "./world/scripts.mjs";

const proposed = (page: Page, title: RegExp) => page.getByRole("article", { name: title });
const states = (plan: { tickets: { state: string }[] }) => plan.tickets.map(({ state }) => state);

test("a goal becomes drafts, which are changed, accepted by the keyboard alone, and worked on", async ({
  page,
  world,
  site,
}) => {
  await visit(page, site);
  await page.keyboard.press("P");
  const dialog = page.getByRole("dialog", { name: "Ask for a plan" });
  await expect(dialog.getByLabel("Goal")).toBeFocused();
  await dialog.getByLabel("Goal").fill(workable);
  await dialog.getByLabel("Priority").selectOption("high");
  await page.keyboard.press("Control+Enter");
  await expect(page).toHaveURL(/\/plans\/shop\/SHOP-\d+/);
  const key = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  expect(await world.ticket(key)).toMatchObject({ deliverable: "plan", priority: "high", agent: "planner" });
  await expect(page.locator("[data-standing]").first()).toHaveText("delivered");
  await expect(page.getByRole("region", { name: "What the planner says" })).toContainText("Rates come first");
  await expect(page.getByRole("complementary", { name: "About the plan" })).toContainText("2 turns");

  const first = proposed(page, /Keep exchange rates/);
  const second = proposed(page, /Show prices/);
  await expect(first).toContainText("a rate that is older than a week is refused");
  await expect(first).not.toContainText("Priority:");
  const rates = (await first.getAttribute("id")) ?? "";
  await expect(second).toContainText(`after${rates} (1)`);

  // The second one is gone to, changed, and left out.
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await expect(second).toBeFocused();
  await press(page, "e");
  const edit = page.getByRole("dialog", { name: /^Edit/ });
  await edit.getByLabel("Title").fill("Show prices in each currency");
  await edit.getByLabel("Scope").fill("src/**");
  await page.keyboard.press("Control+Enter");
  await told(page, "is changed");
  await expect(proposed(page, /Show prices in each currency/)).toContainText("src/**");
  await proposed(page, /Show prices in each currency/).focus();
  await page.keyboard.press("x");
  await expect(page.getByRole("button", { name: "Accept 2 of 3" })).toBeVisible();

  await press(page, "y");
  const sure = page.getByRole("form", { name: "Accept" });
  await expect(sure).toContainText(`${rates} begins as soon as there is an agent.`);
  await expect(sure).toContainText("1 ticket waits for others of the plan.");
  await page.keyboard.press("Enter");
  await told(page, "2 tickets opened");
  await world.until(rates, "review");
  await expect(first).toContainText("review");
  await expect(page.locator("[data-standing]").first()).toHaveText("delivered");
  await press(page, "y");
  await page.keyboard.press("Enter");
  await told(page, "1 ticket opened");
  await expect(page.locator("[data-standing]").first()).toHaveText("accepted");
  await expect(page.getByRole("button", { name: "Drop" })).toHaveCount(0);
  await world.act(rates, "approve", {});
  await world.until(rates, "landed");
  await expect(first).toContainText("landed");
  await first.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/t/shop/${rates}$`));
  await page.getByRole("link", { name: `proposed by ${key}` }).click();
  await page.locator("#main h1").waitFor();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/plans$/);
  await expect(page.getByRole("region", { name: "Decided" }).getByRole("link", { name: key })).toContainText(
    "1 of 3 done",
  );
});

test("a plan is found from what needs one, and dropped", async ({ page, world, site }) => {
  const key = await world.plan(currencies);
  await world.until(key, "delivered");
  await visit(page, site);
  const aside = page.getByRole("complementary", { name: "Plans to decide" });
  await expect(aside).toContainText(`${key} proposes 3 tickets: Prices are shown in the currency`);
  await chord(page, "g", "p");
  await expect(page).toHaveURL(/\/plans$/);
  const row = page.getByRole("region", { name: "Yours to decide" }).getByRole("link", { name: key });
  await expect(row).toContainText("3 tickets");
  await page.keyboard.press("j");
  await expect(row).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Prices are shown in the currency" })).toBeVisible();
  const { tickets } = await world.api("GET", `/projects/shop/tickets/${key}/plan`);
  const waits = await world.add("Sell abroad", small("abroad"), { depends_on: [tickets[0].key] });
  // What is only left out is a draft still.
  await page.getByRole("checkbox", { name: `Accept ${tickets[0].key}` }).uncheck();
  await page.getByRole("button", { name: "Accept 2 of 3" }).click();
  await expect(page.getByRole("form", { name: "Accept" })).toContainText(
    `${tickets[1].key} will wait for ${tickets[0].key}, which you leave as a draft.`,
  );
  await page.keyboard.press("Escape");
  await page.getByRole("checkbox", { name: `Accept ${tickets[0].key}` }).focus();
  await press(page, "c");
  await expect(page.getByRole("form", { name: "Drop" })).toContainText("are cancelled");
  await page.getByRole("button", { name: "Drop 3 drafts" }).click();
  await told(page, "3 drafts dropped");
  await told(page, `These waited for one, and cannot start: ${waits}`);
  await expect(page.locator("[data-standing]").first()).toHaveText("dropped");
  expect(states(await world.api("GET", `/projects/shop/tickets/${key}/plan`))).toEqual([
    "cancelled",
    "cancelled",
    "cancelled",
  ]);
  await visit(page, `${site}/plans`);
  await expect(page.getByRole("region", { name: "Decided" }).getByRole("link", { name: key })).toContainText(
    "dropped",
  );
  await visit(page, site);
  await expect(aside).toHaveCount(0);
});

test("a plan that is being made is watched, and what cannot be read is told by line", async ({
  page,
  world,
  site,
}) => {
  await visit(page, `${site}/plans`);
  await page.getByRole("button", { name: "Ask for a plan" }).click();
  const dialog = page.getByRole("dialog", { name: "Ask for a plan" });
  await dialog.getByRole("button", { name: "One ticket" }).click();
  await expect(page.getByRole("dialog", { name: "New ticket" }).getByLabel("Title")).toBeVisible();
  await page.getByRole("button", { name: "A plan of several" }).click();
  await dialog.getByLabel("Planner").selectOption("careful");
  const file = { name: "goal.md", mimeType: "text/markdown", buffer: Buffer.from(unreadable) };
  await dialog.getByLabel("From a file").setInputFiles(file);
  await expect(dialog.getByLabel("Goal")).toHaveValue(unreadable);
  await dialog.getByRole("button", { name: "Ask for a plan" }).click();
  const how = page.getByRole("region", { name: "How far it is" });
  await expect(how).toContainText("The agent careful reads the repository and writes the plan.");
  const key = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await visit(page, `${site}/plans`);
  const row = page.getByRole("region", { name: "Being planned" }).getByRole("link", { name: key });
  await expect(row).toContainText("running");
  await row.click();
  await how.getByRole("link", { name: "Watch what it does" }).click();
  await expect(page.getByRole("log")).toContainText("I will read the prices");
  await world.act(key, "steer", { text: "go on" });
  await world.until(key, "escalated");
  await visit(page, `${site}/plans`);
  await page.getByRole("region", { name: "Yours to decide" }).getByRole("link", { name: key }).click();
  await expect(how).toContainText(/plan\.md:3/);
  expect.soft(await inTheWay(page)).toEqual([]);
  await how.getByRole("link", { name: "Decide what becomes of it" }).click();
  await page.getByRole("link", { name: "What it proposed" }).click();
  await expect(how).toBeVisible();
});

test("who may only look decides nothing about a plan, and a ticket that is none is told", async ({
  browser,
  letIn,
  world,
  site,
}) => {
  const key = await world.plan(currencies);
  await world.until(key, "delivered");
  const none = await world.add("Plan: a party", small("party"), { draft: true });
  const page = await letIn(await browser.newContext(), "L0");
  await visit(page, `${site}/plans`);
  await expect(page.getByRole("button", { name: "Ask for a plan" })).toBeDisabled();
  await expect(page.getByRole("link", { name: none })).toHaveCount(0);
  await page.getByRole("link", { name: key }).click();
  await expect(page.getByRole("button", { name: "Accept all 3" })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Drop" })).toBeDisabled();
  await expect(page.getByRole("main")).toContainText("this needs an operator (L1)");
  await page.keyboard.press("y");
  await expect(page.getByRole("form", { name: "Accept" })).toHaveCount(0);
  await page.goto(`${site}/plans/shop/${none}`);
  await expect(page.getByText("does not ask for a plan")).toBeVisible();
});

test("on a phone, a plan is read and accepted, and nothing stands in the way", async ({
  browser,
  letIn,
  page: other,
  world,
  site,
}) => {
  const key = await world.plan(currencies);
  await world.until(key, "delivered");
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const page = await letIn(await browser.newContext(phone));
  await visit(page, site);
  await page.getByRole("complementary", { name: "Plans to decide" }).getByRole("link").tap();
  await expect(page.getByRole("button", { name: "Accept all 3" })).toBeInViewport({ ratio: 1 });
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(inner).toBeLessThanOrEqual(outer ?? 0);
  expect.soft(await inTheWay(page)).toEqual([]);
  await visit(other, `${site}/plans/shop/${key}`);
  expect.soft(await inTheWay(other)).toEqual([]);
  await page.getByRole("button", { name: "Accept all 3" }).tap();
  await page.getByRole("button", { name: "Accept 3 tickets" }).tap();
  await told(page, "3 tickets opened");
  // Whoever looks from elsewhere sees it.
  await expect(other.locator("[data-standing]").first()).toHaveText("accepted");
  await visit(page, `${site}/plans`);
  const [list, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(list).toBeLessThanOrEqual(room ?? 0);
  await page.getByRole("link", { name: "Schedules" }).tap();
  await expect(page).toHaveURL(/\/schedules$/);
});
