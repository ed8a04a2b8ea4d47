import { expect, fragile, test, visit } from "./fixture";

test("the page can be installed: its manifest is one, and its icons are as large as it says", async ({
  page,
  context,
}) => {
  const chromium = await context.newCDPSession(page);
  const { url, errors, data } = await chromium.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect(url).toMatch(/\/manifest\.webmanifest$/);
  const { installabilityErrors } = await chromium.send("Page.getInstallabilityErrors");
  // A browser of tests keeps nothing, and Chromium installs nothing for such a one.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual(
    [],
  );
  const manifest = JSON.parse(data ?? "");
  expect(manifest).toMatchObject({ start_url: "/", scope: "/", display: "standalone" });
  for (const { src, sizes, type } of manifest.icons) {
    const answer = await page.request.get(new URL(src, url).href);
    expect(answer.headers()["content-type"], src).toBe(type);
    if (sizes === "any") continue;
    const bytes = await answer.body();
    expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, src).toBe(sizes);
  }
});

test("a page that is opened while the daemon cannot be reached says so, and goes on when it can", async ({
  context,
  letIn,
  world,
}) => {
  const place = await fragile(world);
  const page = await letIn(context, undefined, place.site);
  await visit(page, `${place.site}/board`);
  const worker = await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.scriptURL);
  expect(worker).toBe(`${place.site}/sw.js`);
  // The worker has what it needs, and from the next page on it is asked.
  await visit(page, `${place.site}/insights`);
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const names = await caches.keys();
        const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
        return kept.flat().map(({ url }) => new URL(url).pathname);
      }),
    )
    .toEqual(
      expect.arrayContaining(["/offline.html", "/offline.css", expect.stringMatching(/^\/assets\/.+\.js$/)]),
    );
  await place.down();
  for (const path of ["/board", "/t/shop/SHOP-1", "/"]) {
    await page.goto(place.site + path);
    await expect(page.getByRole("heading", { name: "The daemon cannot be reached" })).toBeVisible();
    await expect(page.getByText("gangline up")).toBeVisible();
  }
  expect(await page.evaluate(() => getComputedStyle(document.body).display)).toBe("grid");
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map(({ url }) => new URL(url).pathname);
  });
  expect(
    kept.filter((path) => !/^\/(assets\/|offline\.|icon\.svg)/.test(path)),
    "nothing that the daemon answers is kept",
  ).toEqual([]);
  await place.up();
  await page.getByRole("link", { name: "Look again" }).click();
  await expect(page.getByRole("heading", { name: "What needs you" })).toBeAttached();
  await place.end();
});
