import { expect, inTheWay, press, test, told, visit } from "./fixture";
import { listener, small } from "./world/scripts.mjs";

test("an agent at work is told what a person says, and the transcript has both", async ({
  page,
  world,
  site,
}) => {
  const key = await world.add("Port the mails", listener);
  await world.until(key, "working");
  await visit(page, `${site}/t/shop/${key}`);
  await press(page, "m");
  await expect(page).toHaveURL(/transcript#say$/);
  const log = page.getByRole("log");
  await expect(log).toContainText("I will port the mails one after another.");
  const box = page.getByRole("textbox", { name: "What to say" });
  await expect(box).toBeFocused();
  await page.keyboard.type("leave the tests alone");
  await page.keyboard.press("Enter");
  await page.keyboard.type("all of them");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("status").filter({ hasText: "The agent is told." })).toBeVisible();
  await expect(box).toHaveValue("");
  await expect(log.locator("[data-kind=steered]")).toContainText("leave the tests alone\nall of them");
  await expect(log).toContainText("I heard: leave the tests alone");
  await page.getByRole("button", { name: "Tools" }).click();
  await expect(log.locator("[data-kind=steered]")).toHaveCount(0);
  expect.soft(await inTheWay(page)).toEqual([]);
  await box.focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toContainText("say something to its agent");
});

test("a word that is refused stays, and without an agent the next attempt is told", async ({
  page,
  world,
  site,
}) => {
  const key = await world.add("Write the guide", small("guide"));
  await world.until(key, "review");
  await visit(page, `${site}/t/shop/${key}/transcript`);
  const box = page.getByRole("textbox", { name: "What to say" });
  const long = "Mind the gap. ".repeat(1_300).trim();
  await box.fill(long);
  await page.getByRole("button", { name: "Send" }).click();
  await told(page, /^error: /m);
  await expect(box).toHaveValue(long);
  // Who looks at something else meanwhile finds it again.
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("link", { name: "Transcript" }).click();
  await expect(box).toHaveValue(long);
  await box.fill("Mind the gap.");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByText("No agent is at work: its next attempt is told.")).toBeVisible();
  await expect(box).toHaveValue("");
  const { hints } = await world.until(key, (ticket) => ticket.hints.length > 0);
  expect(hints.map(({ text }) => text)).toEqual(["Mind the gap."]);
  await world.act(key, "cancel");
  await expect(box).toHaveCount(0);
});

test("who may only look says nothing to an agent", async ({ browser, letIn, world, site }) => {
  const key = await world.add("Port the mails", listener);
  await world.until(key, "working");
  const page = await letIn(await browser.newContext(), "L0");
  await visit(page, `${site}/t/shop/${key}/transcript`);
  await expect(page.getByRole("log")).toContainText("I will port the mails");
  await expect(page.getByRole("textbox", { name: "What to say" })).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Content" })).toContainText("this needs an operator (L1)");
});

test("on a phone, an agent is told something", async ({ browser, letIn, world, site }) => {
  const key = await world.add("Port the mails", listener);
  await world.until(key, "working");
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const page = await letIn(await browser.newContext(phone));
  await visit(page, `${site}/t/shop/${key}/transcript`);
  const box = page.getByRole("textbox", { name: "What to say" });
  // It stands at the foot without scrolling.
  await expect(box).toBeInViewport({ ratio: 1 });
  await box.tap();
  await box.fill("Be brief.");
  await page.getByRole("button", { name: "Send" }).tap();
  await expect(page.getByRole("log")).toContainText("I heard: Be brief.");
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(inner).toBeLessThanOrEqual(outer ?? 0);
});
