import { expect, need, press, test, told, visit } from "./fixture";
import { asker, good, liar, lockedOut, small, tired, trespasser } from "./world/scripts.mjs";

test("nothing needs anybody where nothing was asked", async ({ page }) => {
  await expect(page.getByText("Nothing needs you")).toBeVisible();
  await expect(page.getByLabel("Capacity")).toContainText("1 of 1 node alive");
  await expect(page.locator("[data-phase]").first()).toHaveAttribute("data-phase", /live|polling/);
});

test("a question is answered by a click on an answer that is offered", async ({ page, world }) => {
  const tip = () => world.git("--git-dir", `${world.repo}/.git`, "rev-parse", "main");
  const before = tip();
  const key = await world.add("Parse prices", asker);
  await need(page, key).click();
  await expect(page.getByRole("article")).toContainText("Which separator do prices in the old export use?");
  await page.getByRole("article").getByRole("button", { name: "a comma" }).first().click();
  await told(page, `${key} answered`);
  await world.until(key, "review");
  expect(tip(), "what waits for its approval has not landed").toBe(before);
});

test("a question is answered in the person's own words, by the keyboard alone", async ({ page, world }) => {
  const key = await world.add("Parse prices", asker);
  await expect(need(page, key)).toBeVisible();
  await page.keyboard.press("j");
  await press(page, "a");
  await page.getByLabel("Your answer").fill("a semicolon");
  await page.keyboard.press("Enter");
  await told(page, `${key} answered`);
  await world.until(key, "review");
});

test("how much is going on is told: reviews, quotas, and what an hour costs", async ({ page, world }) => {
  const waits = await world.add("Write the errata", small("errata"));
  const parked = await world.add("Tidy the changelog", tired);
  await world.until(waits, "review");
  const { wait } = await world.until(parked, "parked");
  const measure = (name: string) =>
    page.getByLabel("Capacity").locator("div", { has: page.getByText(name, { exact: true }) });
  await expect(measure("Review")).toContainText("1 wait for leave");
  await expect(measure("Review")).toContainText(/the oldest for \d+ (s|min)/);
  const goesOn = await page.evaluate(
    (us) => new Date((us ?? 0) / 1_000).toTimeString().slice(0, 5),
    wait.until_us,
  );
  await expect(measure("Parked")).toContainText("1 for quotas");
  await expect(measure("Parked")).toContainText(`goes on ${goesOn}`);
  await expect(measure("Today")).toContainText(/\d+\.\d\d USD of 400\.00/);
  await expect(measure("Today")).toContainText(/\d+\.\d\d per hour today/);
  await world.act(waits, "cancel");
  await expect(measure("Review")).toContainText("nothing to review");
});

test("what was verified is approved, and lands", async ({ page, world }) => {
  const key = await world.add("Refuse bad counts", good());
  await world.until(key, "review");
  await need(page, key).click();
  const article = page.getByRole("article", { name: `${key} review` });
  await expect(article.getByRole("region", { name: "Claim beside fact" })).toContainText("4 files changed");
  await expect(article.getByRole("region", { name: "Changed files" })).toContainText("src/cart.ts");
  await press(page, "y");
  await expect(page.getByRole("form", { name: "Approve" })).toContainText("may land");
  await page.keyboard.press("Enter");
  await told(page, `${key} approved`);
  await world.until(key, "landed");
  await expect(need(page, key)).toHaveCount(0);
  expect(world.git("log", "--format=%s", "main")).toContain(key);
});

test("what was verified is sent back with a reason", async ({ page, world }) => {
  const key = await world.add("Write the terms", small("terms"));
  await world.until(key, "review");
  await need(page, key).click();
  await press(page, "n");
  await page.getByLabel("What to do better").fill("Say why in the commit.");
  await page.getByRole("button", { name: "Send back" }).click();
  await told(page, `${key} sent back`);
  await world.until(key, (ticket) => ticket.hints.some((hint) => hint.text.includes("Say why")));
});

test("a ticket whose tries are spent is given all of them again, with a hint", async ({ page, world }) => {
  const key = await world.add("Cache exchange rates", liar);
  await world.until(key, "escalated");
  await need(page, key).click();
  const article = page.getByRole("article", { name: `${key} escalated` });
  await expect(article.getByRole("region", { name: "Claim beside fact" })).toContainText("not so");
  await expect(article.getByRole("region", { name: "Tries" })).toContainText("nothing was committed");
  await press(page, "r");
  await page.getByLabel("A hint for the next attempt").fill("Commit what you write.");
  await page.keyboard.press("Enter");
  await told(page, "has all its tries again");
  await world.until(key, (ticket) => ticket.hints.some((hint) => hint.text === "Commit what you write."));
});

test("what the report names is permitted, and judged again", async ({ page, world }) => {
  const key = await world.add("Run the tests on every push", trespasser);
  await world.until(key, "escalated");
  await need(page, key).click();
  await press(page, "p");
  await expect(page.getByLabel("Paths")).toHaveValue(".github/workflows/test.yml");
  await page.getByRole("button", { name: "Permit" }).click();
  await told(page, "may change .github/workflows/test.yml");
  await press(page, "v");
  await world.until(key, "review");
  await expect(need(page, key)).toContainText("review");
});

test("an agent kind that was mended is switched on", async ({ page, world }) => {
  const key = await world.add("Sort the articles", lockedOut, { agent: "night-shift" });
  const row = page.getByRole("button", { name: /broken acp/ });
  await expect(row).toContainText("holds up 1");
  await world.act(key, "cancel");
  await row.click();
  await page.getByRole("button", { name: "It works again" }).click();
  await told(page, "agent kind acp is switched on");
  await expect(row).toHaveCount(0);
});

test("of two browsers that act on one ticket, the second is told", async ({
  page,
  letIn,
  browser,
  world,
}) => {
  const key = await world.add("Cache exchange rates", liar);
  await world.until(key, "escalated");
  const other = await letIn(await browser.newContext());
  await need(page, key).click();
  await need(other, key).click();
  await press(other, "c");
  await other.getByRole("button", { name: "Cancel" }).click();
  await told(other, `${key} is being cancelled`);
  await expect(need(page, key)).toHaveCount(0);
});

test("who may only look is told so, and is offered nothing else", async ({ browser, letIn, world, site }) => {
  const key = await world.add("Cache exchange rates", liar);
  const asks = await world.add("Parse prices", asker);
  await world.until(key, "escalated");
  const page = await letIn(await browser.newContext(), "L0");
  await need(page, asks).click();
  await expect(page.getByRole("article").getByRole("button", { name: "a comma" }).first()).toBeDisabled();
  await need(page, key).click();
  const article = page.getByRole("article", { name: `${key} escalated` });
  await expect(article.getByRole("button", { name: "Retry" })).toBeDisabled();
  await expect(article).toContainText("You are a viewer here: this needs an operator (L1).");
  // What only leads somewhere is for everybody.
  await press(page, "f");
  await expect(page).toHaveURL(/transcript$/);
  await expect(page.getByRole("navigation", { name: "Parts of the ticket" })).toBeVisible();
  await page.getByRole("button", { name: "More actions" }).click();
  await expect(page.getByRole("menuitem", { name: /Cancel/ })).toBeDisabled();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "New ticket" })).toBeDisabled();
  await visit(page, `${site}/?new`);
  await expect(page.getByRole("dialog")).toContainText("this needs an operator");
  await visit(page, `${site}/settings`);
  await expect(page.getByRole("region", { name: "You", exact: true })).toContainText("L0, viewer");
  await expect(page.getByRole("button", { name: "Pause" })).toBeDisabled();
  await expect(page.getByRole("region", { name: "Tokens" })).toContainText("this needs an admin (L3)");
  expect((await world.ticket(key)).state).toBe("escalated");
});

test("who may operate may not approve", async ({ browser, letIn, world }) => {
  const key = await world.add("Write the terms", small("terms"));
  await world.until(key, "review");
  const page = await letIn(await browser.newContext(), "L1");
  await need(page, key).click();
  const article = page.getByRole("article", { name: `${key} review` });
  await expect(article.getByRole("button", { name: "Approve" })).toBeDisabled();
  await expect(article).toContainText("You are an operator here: this needs a maintainer (L2).");
  await press(page, "c");
  await page.getByRole("button", { name: "Cancel" }).click();
  await told(page, `${key} is being cancelled`);
});
