import { expect, inTheWay, press, test, told, visit } from "./fixture";
import { asker, breaker, busy, good, liar, patient, small } from "./world/scripts.mjs";

test("a ticket tells claim beside fact, its attempts and what was asked", async ({ page, world, site }) => {
  const key = await world.add("Cache exchange rates", liar);
  await world.until(key, "escalated");
  await visit(page, `${site}/t/shop/${key}`);
  const report = page.getByRole("region", { name: "Claim beside fact" });
  await expect(report).toContainText("Exchange rates are cached for an hour, all tests pass.");
  await expect(report.getByRole("listitem").filter({ hasText: "commits" })).toContainText("not so");
  const attempts = page.getByRole("region", { name: "Attempts" });
  await expect(attempts.getByRole("listitem")).toHaveCount(3);
  await expect(attempts).toContainText("the same as before");
  await expect(page.getByText("Cache exchange rates for an hour.")).toBeVisible();
  await page.getByRole("link", { name: "Brief", exact: true }).click();
  await expect(page.getByText(new RegExp(`What shop.${key}`))).toBeVisible();
  await page.getByRole("link", { name: "History" }).click();
  await expect(page.getByRole("list", { name: "What happened" })).toContainText("is escalated");
});

test("its question is answered on its own page, beside what it may change", async ({ page, world, site }) => {
  const key = await world.add("Parse prices", asker, { scope: ["src/**", "samples/**"] });
  await world.until(key, (ticket) => ticket.questions.length > 0);
  await visit(page, `${site}/t/shop/${key}`);
  await expect(page.getByRole("main")).toContainText("samples/**");
  const question = page.getByRole("region", { name: "Question" });
  await expect(question).toContainText("Which separator do prices in the old export use?");
  await question.getByRole("button", { name: "a point" }).click();
  await told(page, `${key} answered`);
  await expect(question).toHaveCount(0);
});

test("a ticket whose tests fail says so, and nothing else of it", async ({ page, world, site }) => {
  const key = await world.add("Write the export with semicolons", breaker);
  await world.until(key, "escalated");
  expect((await world.ticket(key)).alerts).toMatchObject([{ kind: "tests_failing" }]);
  await visit(page, `${site}/t/shop/${key}`);
  await expect(page.getByRole("main")).toContainText("tests fail");
  await expect(page.getByRole("main")).not.toContainText("uncommitted");
});

test("a ticket that there is not is told to be none", async ({ page, site }) => {
  await page.goto(`${site}/t/shop/SHOP-99999`);
  await expect(page.getByRole("main")).toContainText("SHOP-99999");
  await expect(page.getByRole("main")).toContainText(/gangline list|no such|there is no/i);
});

test("what an agent does is shown as it does it, and it is stopped", async ({ page, world, site }) => {
  const key = await world.add("Port the pages", patient());
  await world.until(key, (ticket) => ticket.state === "working" && ticket.attempts.length > 0);
  await visit(page, `${site}/t/shop/${key}/transcript`);
  const log = page.getByRole("log");
  await expect(log).toContainText("I will port the pages one after another.");
  await expect(log).toContainText("Page 1 is ported.");
  await expect(page.getByRole("complementary", { name: "Plan and files" })).toContainText("Run their tests");
  await expect(page.getByRole("complementary", { name: "Plan and files" })).toContainText("pages/1.tsx");
  await expect(log).not.toContainText("Page 2 is ported.");
  await expect
    .poll(async () => {
      world.wake();
      return log.textContent();
    })
    .toContain("Page 2 is ported.");
  await log.locator("[data-kind=thought] summary").first().click();
  await page.getByRole("button", { name: "Said" }).click();
  await expect(log.locator("[data-kind=tool]")).toHaveCount(0);
  await press(page, "s");
  await page.getByRole("button", { name: "Stop" }).click();
  await told(page, `${key} is being stopped`);
  await world.until(key, "held");
  await expect(page.getByRole("button", { name: "Resume" })).toBeVisible();
});

test("the end of a long transcript is in sight, until somebody goes back", async ({ page, world, site }) => {
  const key = await world.add("Port the pages", busy(40, 0));
  await world.until(key, "escalated");
  await visit(page, `${site}/t/shop/${key}/transcript?job=shop.${key}.a1`);
  const log = page.getByRole("log");
  const last = log.getByText("Page 40 is ported.");
  const toTheEnd = page.getByRole("button", { name: "To the end" });
  await expect(last).toBeInViewport();
  await expect(toTheEnd).toHaveCount(0);
  await log.hover();
  await page.mouse.wheel(0, -5_000);
  await expect(toTheEnd).toBeVisible();
  await expect(last).not.toBeInViewport();
  await toTheEnd.click();
  await expect(last).toBeInViewport();
  await expect(toTheEnd).toHaveCount(0);
});

test("a diff is reviewed: files are marked as seen, and remarks go back as one", async ({
  page,
  world,
  site,
}) => {
  const key = await world.add("Refuse bad counts", good());
  await world.until(key, "review");
  await visit(page, `${site}/t/shop/${key}/diff`);
  const file = page.getByRole("region", { name: "src/cart.ts" });
  await expect(file).toContainText("throw new RangeError");
  await page.getByRole("region", { name: "README.md" }).getByLabel("Seen").check();
  await expect(page.getByRole("status").filter({ hasText: "seen" })).toHaveText("1 of 4 seen");
  // The place for a remark is there while the pointer is, and lines are drawn anew when they are coloured.
  await expect(async () => {
    const line = file.locator("tr", { hasText: "throw new RangeError" });
    await line.hover({ timeout: 5_000 });
    await line.locator(".diff-add-widget").last().click({ force: true, timeout: 5_000 });
    await expect(page.getByLabel("Remark")).toBeVisible({ timeout: 5_000 });
  }).toPass();
  await page.getByLabel("Remark").fill("Say which count.");
  await page.getByRole("button", { name: "Keep the remark" }).click();
  await expect(file).toContainText("Say which count.");
  await page.reload();
  await expect(file).toContainText("Say which count.");
  await expect(page.getByRole("status").filter({ hasText: "seen" })).toHaveText("1 of 4 seen");
  await page.getByLabel(/what holds for all of it/).fill("Nearly.");
  await page.getByRole("button", { name: /Send back with 1 remark/ }).click();
  await told(page, `${key} sent back`);
  const { hints } = await world.until(key, (ticket) => ticket.hints.length > 0);
  expect(hints[0]?.text).toMatch(/Nearly\.\n\n- src\/cart\.ts:\d+: Say which count\./);
});

test("a remark is written by the keyboard alone, at a line that is named", async ({ page, world, site }) => {
  const key = await world.add("Refuse bad counts", good());
  await world.until(key, "review");
  await visit(page, `${site}/t/shop/${key}/diff`);
  const file = page.getByRole("region", { name: "src/cart.ts" });
  await expect(file).toContainText("throw new RangeError");
  const other = page.getByRole("region", { name: "README.md" });
  await page.keyboard.press("j");
  await expect(other).toBeFocused();
  await page.keyboard.press("j");
  await expect(file).toBeFocused();
  await page.keyboard.press("l");
  await expect(file.getByLabel("Line")).toBeFocused();
  await page.keyboard.type("999");
  await expect(file).toContainText("It is not shown here.");
  await file.getByLabel("Line").fill("16");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Say which count.");
  await page.keyboard.press("Control+Enter");
  await expect(file.getByLabel("Line")).toHaveCount(0);
  await expect(file.getByRole("listitem")).toContainText("Say which count.");
  expect.soft(await inTheWay(page)).toEqual([]);
  await page.keyboard.press("w");
  await expect(page.getByRole("button", { name: "One column" })).toBeVisible();
  expect.soft(await inTheWay(page)).toEqual([]);
  await page.getByRole("button", { name: /Send back with 1 remark/ }).click();
  await told(page, `${key} sent back`);
  const { hints } = await world.until(key, (ticket) => ticket.hints.length > 0);
  expect(hints[0]?.text).toContain("- src/cart.ts:16: Say which count.");
});

test("what a check printed is a click away", async ({ page, world, site }) => {
  const key = await world.add("Refuse bad counts", good());
  await world.until(key, "review");
  await visit(page, `${site}/t/shop/${key}`);
  const report = page.getByRole("region", { name: "Claim beside fact" });
  await report.getByRole("button", { name: "Show the log of test", exact: true }).click();
  await expect(report).toContainText("ok 2 - prices are rounded");
});

test("a draft is opened, held and let go on", async ({ page, world, site }) => {
  const key = await world.add("Write the guide", small("guide"), { draft: true });
  await visit(page, `${site}/t/shop/${key}`);
  await press(page, "u");
  await told(page, `${key} opened`);
  await world.until(key, "review");
  await world.act(key, "hold");
  await expect(page.getByRole("button", { name: "Resume" })).toBeVisible();
  await press(page, "u");
  await told(page, `${key} goes on`);
  await world.until(key, "review");
});

test("a ticket is taken over and handed back", async ({ page, world, site }) => {
  const key = await world.add("Cache exchange rates", liar);
  await world.until(key, "escalated");
  await visit(page, `${site}/t/shop/${key}`);
  await press(page, "t");
  await expect(page.getByRole("form", { name: "Take over" })).toContainText("no agent works on it");
  await page.keyboard.press("Enter");
  await told(page, `${key} is yours`);
  await expect(page.getByRole("button", { name: "Hand back" })).toBeVisible();
  await press(page, "b");
  await told(page, `${key} handed back`);
  await world.until(key, (ticket) => ticket.state !== "held");
});

test("a ticket is split into its parts", async ({ page, world, site }) => {
  const key = await world.add("Write three notes", liar);
  await world.until(key, "escalated");
  await visit(page, `${site}/t/shop/${key}`);
  await press(page, "x");
  await page
    .getByLabel("Parts", { exact: true })
    .fill("Write the first note\nIn notes/.\n\nWrite the second note");
  await page.getByRole("button", { name: "Split" }).click();
  await told(page, `${key} is split into`);
  await world.until(key, "cancelled");
  const { tickets } = await world.api("GET", "/tickets");
  const parts = tickets.filter((ticket: { title: string }) => ticket.title.startsWith("Write the "));
  expect(parts).toHaveLength(2);
});

test("what a ticket asks for is changed, while nothing is under way", async ({ page, world, site }) => {
  const key = await world.add("Write the guide", small("guide"), { draft: true });
  await visit(page, `${site}/t/shop/${key}`);
  await press(page, "e");
  const dialog = page.getByRole("dialog", { name: `Edit ${key}` });
  await dialog.getByLabel("Title").fill("Write the short guide");
  await dialog.getByLabel("Priority").selectOption("high");
  await dialog.getByLabel("Labels").fill("docs");
  await dialog.getByLabel("Depends on").fill(key);
  await dialog.getByRole("button", { name: "Save" }).click();
  await told(page, "would wait for one another");
  await dialog.getByLabel("Depends on").fill("");
  await dialog.getByRole("button", { name: "Save" }).click();
  await told(page, `${key} is changed`);
  await expect(page.getByRole("heading", { name: "Write the short guide" })).toBeVisible();
  expect(await world.ticket(key)).toMatchObject({ priority: "high", labels: ["docs"] });
});
