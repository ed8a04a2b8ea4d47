import type { Locator, Page } from "@playwright/test";
import { expect, inTheWay, test, visit } from "./fixture";
import { thrice } from "./world/scripts.mjs";

const file = (page: Page, path: string) => page.getByRole("region", { name: path, exact: true });

test("attempts are told apart, with blanks or without, and remarks are of the last one", async ({
  page,
  world,
  site,
}) => {
  const key = await world.add("Write the export with semicolons", thrice);
  await world.until(key, (ticket) => ticket.state === "working" && ticket.attempts.length > 0);
  await visit(page, `${site}/t/shop/${key}/transcript`);
  await expect(page.getByRole("log")).toContainText("waiting");
  // The target changes what the first attempt changes, before the third one begins anew.
  world.write("src/export.ts", 'export const line = (fields: string[]): string => fields.join("|");\n');
  world.git("commit", "--quiet", "--all", "--message=Write bars");
  await world.act(key, "steer", { text: "go on" });
  const { attempts: all } = await world.until(key, "review");
  const [first, second, third] = (all as { job: string }[]).map(({ job }) => job.split(".").at(-1) ?? "");
  expect(all).toHaveLength(3);

  await visit(page, `${site}/t/shop/${key}`);
  const attempts = page.getByRole("region", { name: "Attempts" });
  await attempts.getByRole("listitem").first().getByRole("link", { name: "its diff" }).click();
  await expect(page).toHaveURL(new RegExp(`diff\\?attempt=${first}$`));
  await expect(file(page, "src/export.ts")).toContainText("// BROKEN");
  await expect(page.getByRole("main")).toContainText("remarks are for what the last one did");
  await expect(page.getByLabel("Seen")).toHaveCount(0);
  await expect(page.locator(".diff-add-widget")).toHaveCount(0);

  // What the second one added to the first, which grew from the same commit.
  await page.getByLabel("Attempt", { exact: true }).selectOption(second ?? "");
  await page.getByLabel("Changes since").selectOption(first ?? "");
  await expect(page).toHaveURL(new RegExp(`diff\\?attempt=${second}&since=${first}$`));
  await expect(file(page, "notes/export.md")).toContainText("Quotes are doubled.");
  await expect(file(page, "src/export.ts")).toHaveCount(0);
  await expect(page.getByRole("note")).toHaveCount(0);

  // The third one grew from where the target had gone meanwhile.
  await page.goto(`${site}/t/shop/${key}/diff?attempt=${third}&since=${first}`);
  await expect(file(page, "src/export.ts")).toContainText("fields.map(quoted)");
  await expect(page.getByRole("note")).toContainText("its changes are in here, too");
  await expect(page.getByLabel("Seen")).toHaveCount(0);
  const no = page.getByText("This line is of the earlier attempt");
  await place(page, "src/export.ts", "// BROKEN", "old", no);
  await page.getByRole("button", { name: "Not now" }).click();
  await expect(no).toHaveCount(0);
  await remark(page, "src/export.ts", "fields.map(quoted)", "Where is quoted?");

  await page.getByRole("button", { name: "The whole change" }).click();
  await expect(page).toHaveURL(/diff$/);
  await expect(file(page, "src/export.ts")).toContainText("Where is quoted?");
  await expect(page.getByText("on lines that are not shown now")).toHaveCount(0);
  await file(page, "notes/export.md").getByLabel("Seen").check();
  const seen = page.getByRole("status").filter({ hasText: "seen" });
  await expect(seen).toHaveText("1 of 3 seen");
  await remark(page, "src/cart.ts", "readonly lines", "Tabs?");

  await page.getByRole("button", { name: "Ignore blanks" }).click();
  await expect(page).toHaveURL(/diff\?blanks=off$/);
  const cart = file(page, "src/cart.ts");
  await cart.getByRole("button", { expanded: false }).click();
  await expect(cart).toContainText("Only blanks have changed.");
  const back = page.getByRole("region", { name: "Send back" });
  await back.getByText("1 remark on lines that are not shown now").click();
  await expect(back).toContainText("Tabs?");
  expect.soft(await inTheWay(page)).toEqual([]);
  await back.getByRole("button", { name: "Forget" }).click();
  await expect(back).toContainText("Send back with 1 remark");
  await page.reload();
  await expect(page.getByRole("button", { name: "Ignore blanks", pressed: true })).toBeVisible();
  await expect(file(page, "src/export.ts")).toContainText("Where is quoted?");
  await page.getByRole("button", { name: "Ignore blanks" }).click();
  await expect(seen).toHaveText("1 of 3 seen");

  await page.goto(`${site}/t/shop/${key}/diff?since=a9`);
  await expect(page.getByRole("main")).toContainText("has no attempt");
  await page.getByRole("button", { name: "The whole change" }).click();
  await expect(seen).toBeVisible();
});

/** Asks for a place to write at a line, which there is while the pointer is: at its old side, or its new one. */
async function place(page: Page, path: string, text: string, side: "old" | "new", shown: Locator) {
  await expect(async () => {
    const line = file(page, path).locator("tr", { hasText: text }).last();
    await line.hover({ timeout: 5_000 });
    const widgets = line.locator(".diff-add-widget");
    await (side === "old" ? widgets.first() : widgets.last()).click({ force: true, timeout: 5_000 });
    await expect(shown).toBeVisible({ timeout: 5_000 });
  }).toPass();
}

/** Writes a remark at a line. */
async function remark(page: Page, path: string, text: string, said: string): Promise<void> {
  const box = page.getByLabel("Remark", { exact: true });
  await place(page, path, text, "new", box);
  await box.fill(said);
  await page.getByRole("button", { name: "Keep the remark" }).click();
  await expect(file(page, path)).toContainText(said);
}
