import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chord, expect, inTheWay, test, told, visit } from "./fixture";

test("schedules say in plain words when they come, and are run by the keyboard alone", async ({
  page,
  world,
  site,
}) => {
  await visit(page, site);
  await chord(page, "g", "c");
  await expect(page).toHaveURL(/\/schedules$/);
  const licences = page.getByRole("article", { name: "licences" });
  await expect(licences).toContainText("On the 1st of January and July at 06:00 Europe/Berlin");
  await expect(licences).toContainText(/next\w{3}, 1 (Jan|Jul) \d{4},? 06:00 · in \d+ (d|h|min|s)/);
  await expect(licences).toContainText("never so far");
  const dependencies = page.getByRole("article", { name: "dependencies" });
  await expect(dependencies).toContainText("Every Monday at 05:30 UTC");
  await expect(dependencies).toContainText("not by the clock: it is off");
  await expect(dependencies).toContainText("chores/dependencies.md");

  await page.keyboard.press("j");
  await expect(dependencies).toBeFocused();
  await page.keyboard.press("j");
  await expect(licences).toBeFocused();
  await page.keyboard.press("u");
  await told(page, /success: SHOP-\d+ was added/);
  const last = licences.getByRole("link", { name: /^SHOP-\d+$/ });
  const key = (await last.textContent()) ?? "";
  const { labels, title } = await world.ticket(key);
  expect(labels.toSorted()).toEqual(["chore", "schedule:licences"]);
  // One at a time.
  await licences.getByRole("button", { name: "Run licences now" }).click();
  await told(page, new RegExp(`error: .*${key}.* of schedule licences`));
  await last.click();
  await expect(page.getByRole("heading", { name: title })).toBeVisible();
});

test("a schedule is switched off and written: the page gives the lines, and they are taken over", async ({
  page,
  context,
  world,
  site,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await visit(page, `${site}/schedules`);
  await page.getByRole("article", { name: "licences" }).getByRole("button", { name: "Change" }).click();
  const dialog = page.getByRole("dialog", { name: "Change licences" });
  await expect(dialog.getByLabel("Title")).toHaveValue("Look at the licences of new dependencies");
  await expect(dialog.getByRole("status")).toHaveText(
    "On the 1st of January and July at 06:00, Europe/Berlin",
  );
  await dialog.getByLabel("on: the clock adds its tickets").uncheck();
  await dialog.getByLabel("Labels").fill("chore, law");
  await dialog.getByRole("button", { name: "Copy" }).click();
  await expect(dialog.getByRole("button", { name: "Copied" })).toBeVisible();
  const lines = await page.evaluate(() => navigator.clipboard.readText());
  expect(lines).toContain('labels = ["chore", "law"]\nenabled = false\n');
  const old = readFileSync(join(world.repo, "gangline.toml"), "utf8");
  const [before = "", rest = ""] = old.split("[schedules.licences]\n");
  const after = rest.slice(rest.indexOf("[schedules."));
  world.write("gangline.toml", `${before}${lines}\n${after}`);
  world.git("commit", "--quiet", "--all", "--message=Look at no licences");
  await dialog.getByRole("button", { name: "I have committed it" }).click();
  await told(page, "shop has its new policy");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("article", { name: "licences" })).toContainText("not by the clock: it is off");

  // Another one.
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Find a ticket").fill("write a sched");
  await page.keyboard.press("Enter");
  const fresh = page.getByRole("dialog", { name: "Write a schedule" });
  await expect(fresh).toContainText("It needs a name.");
  await fresh.getByLabel("Name").fill("Flaky tests");
  await expect(fresh).toContainText("Only a-z, 0-9 and -");
  await fresh.getByLabel("Name").fill("flaky-tests");
  await fresh.getByRole("button", { name: "every month" }).click();
  await expect(fresh.getByRole("status")).toContainText("On the 1st of every month at 06:00");
  await fresh.getByLabel("Minute, hour").fill("0 6 L * *");
  await expect(fresh.getByRole("status")).toContainText("There are no words for this line");
  await fresh.getByLabel("Minute, hour").fill("0 6 1 2 *");
  await fresh.getByLabel("Time zone").fill("Europe/Paris");
  await expect(fresh).toContainText("It needs a title, or a file.");
  await fresh.getByLabel("A file of the repository").fill("chores/dependencies.md");
  const written = (await fresh.getByLabel("Lines for gangline.toml").locator("pre").textContent()) ?? "";
  world.write("gangline.toml", `${before}${written}`);
  world.git("commit", "--quiet", "--all", "--message=Look at flaky tests");
  await fresh.getByRole("button", { name: "I have committed it" }).click();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/schedules$/);
  await expect(page.getByRole("article", { name: "flaky-tests" })).toContainText(
    "On the 1st of February at 06:00 Europe/Paris",
  );
  await page.goto(`${site}/schedules?write=shop.licences`);
  await expect(page.getByRole("dialog")).toContainText(
    "licences does not stand in the policy of shop any more",
  );
  // Without any, it is said what they are for.
  world.write("gangline.toml", before);
  world.git("commit", "--quiet", "--all", "--message=No schedules");
  await world.api("POST", "/projects", { path: world.repo });
  await visit(page, `${site}/schedules`);
  await expect(page.getByRole("region", { name: "Schedules of shop" })).toContainText(
    "Nothing comes again by the clock here.",
  );
  world.write("gangline.toml", old);
  world.git("commit", "--quiet", "--all", "--message=As they were");
  await world.api("POST", "/projects", { path: world.repo });
});

test("who may only look runs no schedule, and on a phone nothing stands in the way", async ({
  browser,
  letIn,
  page: other,
  site,
}) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const page = await letIn(await browser.newContext(phone), "L0");
  await visit(page, `${site}/schedules`);
  await expect(page.getByRole("button", { name: "Run licences now" })).toBeDisabled();
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(inner).toBeLessThanOrEqual(outer ?? 0);
  expect.soft(await inTheWay(page)).toEqual([]);
  await page.getByRole("button", { name: "Change licences" }).tap();
  const take = page.getByRole("dialog").getByRole("button", { name: "I have committed it" });
  await expect(take).toBeDisabled();
  await expect(take).toHaveAttribute("title", /this needs an admin/);
  expect.soft(await inTheWay(page)).toEqual([]);
  await visit(other, `${site}/schedules`);
  expect.soft(await inTheWay(other)).toEqual([]);
});
