// What the page costs with 10,000 tickets and a stream of events: node e2e/figures.mjs
// It prints how long each first view takes, tasks beyond 50 ms, and what the page keeps in memory.

import { chromium } from "@playwright/test";
import { preview } from "vite";
import { freePort, World } from "./world/world.mjs";

/** Events while the list is looked at, and in a second. */
const EVENTS = 4_000;
const EVENTS_PER_S = 200;

const world = await World.begin();
try {
  const N = 10000,
    CH = 1000;
  for (let c = 0; c < N; c += CH) {
    const tickets = Array.from({ length: CH }, (_, i) => ({
      key: `SHOP-${100 + c + i}`,
      title: `Ticket number ${c + i} of a long list`,
      body: "x",
      draft: true,
      labels: [`l${i % 7}`],
      budget: {},
    }));
    await world.api("POST", "/projects/shop/imports", { tickets });
  }
  process.env.GANGLINE_DAEMON = `http://127.0.0.1:${world.port}`;
  const port = await freePort();
  const server = await preview({ logLevel: "silent", preview: { port } });
  const site = `http://127.0.0.1:${port}`;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--enable-precise-memory-info"],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(() => {
    window.long = [];
    new PerformanceObserver((l) =>
      window.long.push(...l.getEntries().map((e) => Math.round(e.duration))),
    ).observe({ type: "longtask", buffered: true });
  });
  await page.goto((await world.link()).replace(/^http:\/\/[^/]+/, site));
  for (const path of ["/", "/board", "/board/list"]) {
    const t = Date.now();
    await page.goto(site + path, { waitUntil: "commit" });
    await page
      .getByText(path === "/" ? "Nothing needs you" : /Ticket number/)
      .first()
      .waitFor();
    console.log(path, "first view", Date.now() - t, "ms; long tasks", await page.evaluate(() => window.long));
  }
  const t = Date.now();
  await page.getByLabel("Filter").fill("number 9999");
  await page.getByText("Ticket number 9999").waitFor();
  console.log("filter", Date.now() - t, "ms");
  await page.getByLabel("Filter").fill("");
  await page.goto(`${site}/board/list`);
  await page
    .getByText(/Ticket number/)
    .first()
    .waitFor();
  await page.evaluate(() => {
    window.long.length = 0;
  });
  const began = Date.now();
  let n = 0;
  while (n < EVENTS) {
    await Promise.all(Array.from({ length: 20 }, () => world.act(`SHOP-${100 + n++}`, "cancel")));
    const due = began + (1000 * n) / EVENTS_PER_S;
    await new Promise((on) => setTimeout(on, due - Date.now()));
  }
  console.log(
    "events",
    n,
    "in",
    Date.now() - began,
    "ms; long tasks",
    await page.evaluate(() => window.long.slice()),
    "heap MB",
    await page.evaluate(() => Math.round(performance.memory.usedJSHeapSize / 1e6)),
  );
  await browser.close();
  await server.close();
} finally {
  await world.end();
}
