import { readFileSync } from "node:fs";
import type { Locator } from "@playwright/test";
import { expect, test, visit } from "./fixture";
import { liar, small } from "./world/scripts.mjs";

/** How many dots of a chart are rather red, and rather green. */
const inked = (chart: Locator) =>
  chart.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
    const dots = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let [red, green] = [0, 0];
    for (let at = 0; at < dots.length; at += 4) {
      const [r = 0, g = 0, b = 0] = dots.slice(at, at + 3);
      if (r > Math.max(g, b) + 60) red += 1;
      if (g > Math.max(r, b) + 30) green += 1;
    }
    return { red, green };
  });

test("figures are those that the daemon counts", async ({ page, world, site }) => {
  const lands = await world.add("Write the atlas", small("atlas"));
  const fails = await world.add("Cache exchange rates", liar);
  await world.until(lands, "review");
  await world.act(lands, "approve", {});
  await world.until(lands, "landed");
  await world.until(fails, "escalated");
  await visit(page, `${site}/insights?days=7`);
  const counted = async () => (await world.api("GET", "/insights?days=7")).projects[0];
  const { total } = await counted();
  const today = page.getByRole("table", { name: "Tickets a day" }).getByRole("row").last();
  await expect(today).toContainText(`${total.landed} landed`);
  await expect(today).toContainText(`${total.added} added`);
  await expect(page.getByRole("table", { name: "Measured commits a day" }).getByRole("row")).toHaveCount(7);
  await expect(page.getByText(`${total.passed_first} of ${total.measured_first} tickets`)).toBeVisible();
  // Whether or not colours change by and by.
  for (const reducedMotion of ["no-preference", "reduce"] as const) {
    await page.emulateMedia({ reducedMotion });
    await visit(page, `${site}/insights?days=7`);
    const chart = page.locator("figure", {
      has: page.getByRole("table", { name: "Measured commits a day" }),
    });
    const { red, green } = await inked(chart);
    expect(red, `what failed is red, ${reducedMotion}`).toBeGreaterThan(20);
    expect(green, `what passed is green, ${reducedMotion}`).toBeGreaterThan(20);
  }
  await expect(page.getByRole("region", { name: "How long it takes in shop" })).toContainText(
    "From the ticket to its landing",
  );
  await expect(page.getByRole("region", { name: "Checks that failed" })).toContainText("commits");
  await expect(page.getByRole("region", { name: "Why tries failed" })).toContainText("no commit");
  const agents = page.getByRole("region", { name: "Agents of shop" });
  await expect(agents).toContainText("ticket-worker");
  // One more, while the page is looked at.
  await world.add("Write the map", small("map"), { draft: true });
  await expect(today).toContainText(`${total.added + 1} added`);
  await page.getByLabel("Period").selectOption("30");
  await expect(page.getByRole("table", { name: "Tickets a day" }).getByRole("row")).toHaveCount(30);
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export as CSV" }).click(),
  ]);
  const lines = readFileSync(await file.path(), "utf8").split("\r\n");
  expect(lines[0]).toMatch(/^day,added,landed,.*,tokens,usd,busy_ms$/);
  expect(lines).toHaveLength(32);
  expect(lines.at(-2)).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d,${total.added + 1},${total.landed},`));
});

test("the course of a day has a bar for whatever a ticket was at", async ({ page, world, site }) => {
  const lands = await world.add("Write the legend", small("legend"));
  const waits = await world.add("Write the index", small("index"));
  await world.until(lands, "review");
  await world.act(lands, "approve", {});
  await world.until(lands, "landed");
  await world.until(waits, "review");
  await visit(page, `${site}/insights`);
  await page.getByRole("link", { name: "A day" }).click();
  const row = page.getByRole("group", { name: `${lands} Write the legend` });
  for (const stage of ["attempt", "verification", "review", "landing"])
    await expect(row.locator(`[data-stage=${stage}]`).last()).toBeVisible();
  const open = page.getByRole("group", { name: `${waits} Write the index` });
  await expect(open.locator("[data-stage=review]")).toHaveAttribute("aria-label", /goes on/);
  // Arrows lead from bar to bar, and what has the focus is told.
  await row.locator("[data-stage=attempt]").focus();
  await page.keyboard.press("ArrowRight");
  await expect(row.locator("[data-stage=verification]")).toBeFocused();
  await page.keyboard.press("End");
  await expect(row.locator("[data-stage=landing]")).toBeFocused();
  await expect(page.getByText(/landing \d\d:\d\d to \d\d:\d\d, .*: landed as/).last()).toBeVisible();
  await page.keyboard.press("Home");
  await expect(row.locator("[data-stage=attempt]")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(row.locator("[data-stage=attempt]")).not.toBeFocused();
  await page.getByText("As a table").click();
  const table = page.getByRole("region", { name: "Course of the day", exact: true });
  await expect(table.getByRole("row").filter({ hasText: lands })).toHaveCount(4);
  await expect(table.getByRole("row").filter({ hasText: lands }).last()).toContainText("landed as");
  await page.getByRole("button", { name: "The day before" }).click();
  await expect(page.getByText("No ticket was at anything")).toBeVisible();
  await expect(page).toHaveURL(/day=\d{4}-\d\d-\d\d/);
  await page.getByRole("button", { name: "The day after" }).click();
  await expect(row).toBeVisible();
  await page.getByLabel("Day", { exact: true }).fill("2020-02-29");
  await expect(page).toHaveURL(/day=2020-02-29/);
});
