import { chord, expect, inTheWay, test, told, visit } from "./fixture";
import { good, patient, slow, small } from "./world/scripts.mjs";

test("the board shows each ticket where it stands, with what its agent is at", async ({
  page,
  world,
  site,
}) => {
  const at = await world.add("Port the pages", patient(), { labels: ["pages"], priority: "critical" });
  const held = await world.add("Show prices twice", small("twice"), { labels: ["prices"], draft: true });
  await visit(page, `${site}/board`);
  await expect(page.getByRole("region", { name: "At work" }).getByRole("link", { name: at })).toContainText(
    /Bash sleep \d+/,
  );
  await expect(page.getByRole("region", { name: "Waiting" }).getByRole("link", { name: held })).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type("prices");
  await expect(page.getByRole("link", { name: at })).toHaveCount(0);
  await expect(page).toHaveURL(/find=prices/);
  await page.getByLabel("Filter").fill("");
  await page.getByLabel("Lanes").selectOption("label");
  await expect(page.getByRole("region", { name: "pages" }).getByRole("link", { name: at })).toBeVisible();
});

test("a card is dragged to be held, and to go on", async ({ page, world, site }) => {
  const key = await world.add("Refuse bad counts", good());
  await world.until(key, "review");
  await visit(page, `${site}/board`);
  const card = page.getByRole("region", { name: "Yours" }).getByRole("link", { name: key });
  await card.dragTo(page.getByRole("region", { name: "Waiting" }));
  await told(page, `${key} is being held`);
  await world.until(key, "held");
  await page
    .getByRole("region", { name: "Waiting" })
    .getByRole("link", { name: key })
    .dragTo(page.getByRole("region", { name: "At work" }));
  await told(page, `${key} goes on`);
  await world.until(key, "review");
});

test("cards are gone through by keys, held and let go on", async ({ page, world, site }) => {
  const first = await world.add("Sort the shelves", small("shelves"), { draft: true, priority: "critical" });
  const second = await world.add("Sort the mails", small("mails"), { draft: true });
  const third = await world.add("Refuse bad counts", good());
  await world.until(third, "review");
  await visit(page, `${site}/board`);
  const card = (key: string) => page.getByRole("link", { name: key });
  await expect(card(third)).toBeVisible();
  await page.keyboard.press("j");
  await expect(card(first)).toBeFocused();
  await page.keyboard.press("j");
  await expect(card(second)).toBeFocused();
  await page.keyboard.press("u");
  await told(page, `${second} opened`);
  await world.until(second, "review");
  await expect(page.getByRole("region", { name: "Yours" }).getByRole("link", { name: second })).toBeVisible();
  await card(first).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("region", { name: "Yours" }).getByRole("link").first()).toBeFocused();
  await card(third).focus();
  await page.keyboard.press("h");
  await told(page, `${third} is being held`);
  await world.until(third, "held");
  await page.keyboard.press("2");
  await expect(page).toHaveURL(/\/board\/list$/);
  await expect(page.getByRole("row", { selected: true })).toContainText(second);
  await page.keyboard.press("h");
  await told(page, `${second} is being held`);
  await page.keyboard.press("3");
  await expect(page).toHaveURL(/\/board\/graph$/);
});

test("on a phone, the whole of a row leads to its ticket", async ({ browser, letIn, world, site }) => {
  const title = "Tell the whole of what there is to say about the prices of everything";
  const key = await world.add(title, small("prices"), { draft: true });
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const page = await letIn(await browser.newContext(phone));
  await visit(page, `${site}/board/list`);
  const row = page.getByRole("row").filter({ hasText: key });
  const { height = 0, width = 0 } = (await row.boundingBox()) ?? {};
  expect(height).toBeGreaterThanOrEqual(44);
  await row.tap({ position: { x: width - 8, y: 8 } });
  await expect(page).toHaveURL(new RegExp(`/t/shop/${key}$`));
});

test("a card is dragged to a lane, and matters more", async ({ page, world, site }) => {
  const key = await world.add("Measure the room", small("room"), { draft: true, priority: "low" });
  // Without what other tests left: both lanes are to be seen at once.
  await visit(page, `${site}/board?find=room`);
  await page.getByLabel("Lanes").selectOption("priority");
  const lane = (name: string) => page.getByRole("region", { name, exact: true });
  await lane("low")
    .getByRole("link", { name: key })
    .dragTo(lane("critical").locator("[data-column=Waiting]"));
  await told(page, `${key} is changed`);
  await expect(lane("critical").getByRole("link", { name: key })).toBeVisible();
});

test("the list is gone through by keys, and sorted", async ({ page, world, site }) => {
  const low = await world.add("Number one", small("one"), { draft: true, priority: "low" });
  const high = await world.add("Number two", small("two"), { draft: true, priority: "critical" });
  await visit(page, `${site}/board/list?find=Number`);
  await page.getByRole("button", { name: "Key" }).click();
  await page.getByRole("button", { name: /priority/ }).click();
  await expect(page.getByRole("row").nth(1)).toContainText(high);
  await page.keyboard.press("j");
  await expect(page.getByRole("row", { selected: true })).toContainText(low);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/t/shop/${low}$`));
});

test("the graph shows what waits for what", async ({ page, world, site }) => {
  const first = await world.add("Parse prices", small("parse"), { draft: true });
  const then = await world.add("Import prices", small("import"), { depends_on: [first] });
  await visit(page, `${site}/board/graph`);
  const graph = page.getByRole("region", { name: "What waits for what" });
  await expect(graph.getByRole("link", { name: then })).toBeVisible();
  await graph.getByRole("link", { name: first }).click();
  await expect(page).toHaveURL(new RegExp(`/t/shop/${first}$`));
});

test("the queue is a train: who lands, who comes next, who is taken out", async ({ page, world, site }) => {
  const first = await world.add("Measure twice", slow(), { priority: "critical" });
  const next = await world.add("Write the imprint", small("imprint"));
  const wake = () => world.wake();
  await world.until(first, "review", wake);
  await world.until(next, "review");
  // What was measured counts for as long as the target stands still.
  world.write("docs/moved.md", "The target has moved.\n");
  world.git("add", "--all");
  world.git("commit", "--quiet", "--message=Move the target");
  await visit(page, `${site}/queue`);
  for (const key of [first, next]) await world.act(key, "approve", {});
  await expect(page.locator("[data-position='1']")).toContainText(first);
  await expect(page.locator("[data-position='2']")).toContainText(next);
  await expect(page.locator("[data-position='2']").getByRole("button", { name: "Eject" })).toBeEnabled();
  for (const position of [1, 2]) {
    await page.keyboard.press("j");
    await expect(page.locator(`[data-position='${position}']`)).toBeFocused();
  }
  await page.keyboard.press("h");
  await told(page, `${next} is being held`);
  await world.until(first, "landed", wake);
  await expect(page.getByRole("region", { name: "Landed last" })).toContainText(first);
});

test("the queue says when each has probably landed, and makes one the next", async ({
  page,
  world,
  site,
}) => {
  const lands = await world.add("Write the colophon", small("colophon"));
  await world.until(lands, "review");
  await world.act(lands, "approve", {});
  await world.until(lands, "landed");
  const inside = await world.add("Measure twice", slow(), { priority: "critical" });
  const [before, last] = [
    await world.add("Write the preface", small("preface")),
    await world.add("Write the epilogue", small("epilogue")),
  ];
  const wake = () => world.wake();
  await world.until(inside, "review", wake);
  for (const key of [before, last]) await world.until(key, "review");
  // What was measured counts for as long as the target stands still.
  world.write("docs/moved.md", "The target has moved again.\n");
  world.git("add", "--all");
  world.git("commit", "--quiet", "--message=Move the target again");
  for (const key of [inside, before, last]) {
    await world.act(key, "approve", {});
    await world.until(key, ({ state }) => state === "queued" || state === "landing");
  }
  await visit(page, `${site}/queue`);
  const at = (position: number) => page.locator(`[data-position='${position}']`);
  await expect(at(1)).toContainText(inside);
  await expect(at(1).locator("[data-due]")).toContainText(/Lands: (in |later than usual)/);
  await expect(at(2)).toContainText(`waits for ${inside}, which is being landed`);
  await expect(at(2).locator("[data-due]")).toContainText(/Lands: in (about|less than)/);
  await expect(at(2).getByRole("button", { name: `Next: ${before}` })).toBeDisabled();
  await expect(at(2).getByTitle("It is the next one already.")).toBeVisible();
  await expect(at(3)).toContainText(`waits for ${before}, which is before it`);
  await expect(at(3).getByRole("button", { name: `Next: ${last}` })).toHaveAttribute(
    "title",
    "Raise its priority to critical: it is the next one.",
  );
  for (const position of [1, 2, 3]) {
    await page.keyboard.press("j");
    await expect(at(position)).toBeFocused();
  }
  await page.keyboard.press("n");
  await told(page, `${last} is critical now`);
  await expect(at(2)).toContainText(last);
  expect(await world.ticket(last)).toMatchObject({ priority: "critical", queue_position: 2 });
  await at(3)
    .getByRole("button", { name: `Next: ${before}` })
    .click();
  // It has waited longer, and is as urgent now.
  await expect(at(2)).toContainText(before);
  await expect(at(3).getByRole("button", { name: `Next: ${last}` })).toHaveAttribute(
    "title",
    "It is critical, and those before it are too: they have waited longer.",
  );
  expect.soft(await inTheWay(page)).toEqual([]);
  // A letter behind g is that of a view.
  await at(3).focus();
  await chord(page, "g", "n");
  await expect(page).toHaveURL(/\/$/);
  await visit(page, `${site}/settings`);
  const project = page.getByRole("region", { name: "Project shop" });
  await project.getByRole("button", { name: "Pause" }).click();
  await expect(project).toContainText("paused");
  await visit(page, `${site}/queue`);
  await expect(at(2)).toContainText("waits for the project to be resumed");
  await expect(at(2).locator("[data-due]")).toContainText("not while the project is paused");
  await world.api("POST", "/projects/shop/resume");
  await world.until(inside, "landed", wake);
});

test("whether a main agent is there is told, and by what that is known", async ({ page, world, site }) => {
  await visit(page, `${site}/agents`);
  const agents = page.getByRole("region", { name: "Main agents" });
  await expect(agents).toContainText("None was heard of within a day");
  const headers = { "gangline-main-agent": "4711 claude-code", "gangline-person": "ann" };
  await world.api("GET", "/status", undefined, headers);
  const agent = agents.getByRole("listitem");
  await expect(agent).toContainText("Active - Conversing");
  await expect(agent).toContainText("for ann, by mcp stdio");
  await expect(agent).toContainText(/heard \d+ \w+ ago, by its calls/);
  await world.api("DELETE", "/main-agents/4711");
  await expect(agent).toContainText("Away");
});

test("agents at work, nodes and how honest they were", async ({ page, world, site }) => {
  const key = await world.add("Port the mails", patient());
  await world.until(key, (ticket) => Boolean(ticket.branch));
  await visit(page, `${site}/agents`);
  const worker = page.getByRole("list", { name: "At work" }).getByRole("listitem").filter({ hasText: key });
  await expect(worker).toContainText(/heard \d+ \w+ ago/);
  await expect(worker).toContainText(`gangline/${key}`);
  await expect(page.getByRole("region", { name: "Nodes" })).toContainText("alive");
  await page.keyboard.press("j");
  await expect(worker).toBeFocused();
  await page.keyboard.press("f");
  await expect(page).toHaveURL(/transcript$/);
  await page.goBack();
  await worker.getByRole("button", { name: "Stop" }).click();
  await world.until(key, "held");
  await expect(worker).toHaveCount(0);
  const idle = page
    .getByRole("list", { name: "Can be started" })
    .getByRole("listitem")
    .filter({ hasText: key });
  await idle.focus();
  await page.keyboard.press("u");
  await expect(idle).toHaveCount(0);
  await expect(worker).toBeVisible();
});
