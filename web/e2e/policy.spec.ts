import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inTheWay, test, told, visit } from "./fixture";

test("a policy is read in plain words, with what holds where it says nothing", async ({ page, site }) => {
  await visit(page, `${site}/settings`);
  await page.getByRole("region", { name: "Project shop" }).getByRole("link", { name: "Read it" }).click();
  await expect(page).toHaveURL(/\/settings\/policy\/shop$/);
  const part = (name: string) => page.getByRole("region", { name, exact: true });
  await expect(part("Where it comes from")).toContainText("the last commit on main");
  await expect(part("Where it comes from")).toContainText(/this one [0-9a-f]{12}/);
  const row = part("Checks").getByRole("row").filter({ hasText: "test" });
  await expect(row).toContainText("required");
  await expect(row).toContainText("sh test.sh");
  await expect(row).toContainText("30m");
  await expect(part("Protected files")).toContainText(".github/**");
  await expect(part("Landing")).toContainText("A person approveseach landing");
  await expect(part("Limits")).toContainText("Attempts at once8");
  await expect(part("Limits")).toContainText("Tries of a ticket3");
  await expect(part("Budgets")).toContainText("A ticket20.00 USD");
  await expect(part("Agents")).toContainText("careful");
  await expect(part("Reviewers")).toContainText("Agents that read each changenone");
  const raw = page.getByText("[checks.test]");
  await expect(raw).toBeHidden();
  await page.getByText("gangline.toml as it stands").focus();
  await page.keyboard.press("Enter");
  await expect(raw).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/settings$/);
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Find a ticket").fill("policy of");
  await page.getByRole("option", { name: "Policy of shop" }).waitFor();
  await page.keyboard.press("Enter");
  await expect(part("Schedules")).toContainText("licences");
  await part("Schedules").getByRole("link").click();
  await expect(page).toHaveURL(/\/schedules$/);
  await page.goto(`${site}/settings/policy/nowhere`);
  await expect(page.getByText("there is no project nowhere")).toBeVisible();
});

test("a policy that is not in force is told, and taken over by who may", async ({
  page,
  browser,
  letIn,
  world,
  site,
}) => {
  const old = readFileSync(join(world.repo, "gangline.toml"), "utf8");
  const now = old
    .replace('review = "required"', 'review = "none"')
    .replace(
      "[checks.test]",
      '[checks.style]\nrun = ["sh", "style.sh"]\nrequired = false\nnetwork = true\n\n[checks.test]',
    );
  const more = '[protected]\npaths = ["deploy/**"]\n\n[reviewer]\nagents = ["code-reviewer"]\n';
  world.write("gangline.toml", `${now}\n${more}`);
  world.git("commit", "--quiet", "--all", "--message=Another policy");
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const viewer = await letIn(await browser.newContext(phone), "L2");
  for (const each of [viewer, page]) {
    await visit(each, `${site}/settings/policy/shop`);
    await expect(each.getByRole("note")).toContainText("What stands here is not in force");
    expect.soft(await inTheWay(each)).toEqual([]);
  }
  await expect(viewer.getByRole("button", { name: "Take it over" })).toBeDisabled();
  await expect(viewer.getByRole("note")).toContainText("this needs an admin (L3)");
  const [inner, outer] = await viewer.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(inner).toBeLessThanOrEqual(outer ?? 0);
  const style = page.getByRole("region", { name: "Checks", exact: true }).getByRole("row").nth(1);
  await expect(style).toContainText("only told");
  await expect(style).toContainText("network: yes");
  const paths = page.getByRole("region", { name: "Protected files" });
  await expect(paths).toContainText("deploy/**");
  await expect(paths).not.toContainText(".github/**");
  await expect(page.getByRole("region", { name: "Reviewers" })).toContainText("code-reviewer");
  await page.getByRole("button", { name: "Take it over" }).click();
  await told(page, "shop has its new policy");
  await expect(page.getByRole("note")).toHaveCount(0);
  const { projects } = await world.api("GET", "/projects");
  expect(projects[0].review).toBe("none");
  // Nothing of it is left for the next test.
  world.write("gangline.toml", old);
  world.git("commit", "--quiet", "--all", "--message=The policy from before");
  await world.api("POST", "/projects", { path: world.repo });
});
