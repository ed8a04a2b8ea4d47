// What the page itself costs, apart from the daemon: node e2e/cost.mjs [PATH…]
//
// Its answers are made up here: 10,000 tickets, 50 agents at work, 200 events a second. It prints the
// milliseconds of the page's own thread (which are much the same on a machine that is busy), tasks beyond
// 50 ms, what is kept in memory, and how long the page takes to answer a key.

import { chromium } from "@playwright/test";
import { preview } from "vite";
import { freePort } from "./world/world.mjs";

const TICKETS = 10_000;
const AGENTS = 50;
/** Tickets that need a person. */
const NEEDS = 60;
const EVENTS_PER_S = 200;
const EVENTS_S = 12;
const IDLE_MS = 6_000;
const SETTLED_MS = 3_000;

const began = Date.now() * 1_000 - 86_400_000_000;
const NO_USAGE = { cost_microusd: 0, tokens: 0, wall_ms: 0 };
/** When something last happened to a ticket. */
const changed = new Map();
let seq = 1_000;

function state(n) {
  if (n < AGENTS) return "working";
  if (n < AGENTS + NEEDS) return n % 2 === 0 ? "review" : "escalated";
  return n % 9 === 0 ? "held" : n % 4 === 0 ? "draft" : "open";
}

const ticket = (n) => ({
  project: "shop",
  key: `SHOP-${n}`,
  title: `Ticket number ${n} of a long list`,
  state: state(n),
  since_us: changed.get(n) ?? began + n * 1_000,
  created_us: began,
  priority: ["critical", "high", "medium", "low"][n % 4],
  labels: [`l${n % 7}`],
  agent: "ticket-worker",
  tries: 3,
  tries_spent: n % 3,
  wait: { for: "nothing", text: "" },
  deliverable: "commit",
});

const detail = (n) => ({
  ...ticket(n),
  ...{ body: "x", depends_on: [], dependents: [], scope: [], hints: [], questions: [] },
  ...{ attempts: [], records: [], usage: NO_USAGE },
});

const job = (n) => ({
  job: `shop.SHOP-${n}.a1`,
  current: `→ Edit pages/${seq + n}.tsx`,
  last_activity_us: Date.now() * 1_000,
});

const project = () => ({
  ...{ name: "shop", repo: "/shop", target: "main", landing: "local", review: "required", tries: 3 },
  ...{ policy: "committed", policy_sha256: "0".repeat(64), agents: [], default_agent: "ticket-worker" },
  ...{ budget: {}, day_budget: {}, days: [], usage: NO_USAGE, paused: false },
});

/** The answer to a path below `/api/v1`. */
function answer(path) {
  const of = /^\/projects\/shop\/tickets\/SHOP-(\d+)(\/packet)?$/.exec(path);
  if (of?.[2]) return { ticket: detail(Number(of[1])), actions: [] };
  if (of) return detail(Number(of[1]));
  const jobs = Array.from({ length: AGENTS }, (_, n) => job(n));
  const node = { name: "local", state: "alive", slots: 64, kinds: ["scripted"], jobs };
  return {
    "/status": { version: "0", api: 1, seq, started_us: began, circuits: [], nodes: [node] },
    "/tickets": path === "/tickets" && { tickets: Array.from({ length: TICKETS }, (_, n) => ticket(n)) },
    "/projects": { projects: [project()] },
    "/queue": { entries: [] },
    "/me": { name: "ann", role: "L3" },
    "/main-agents": { main_agents: [] },
    "/insights": { projects: [] },
  }[path];
}

/** A page whose daemon is this file; what is asked is counted. */
async function opened(browser, asked) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const daemon = { say: () => {} };
  await page.route("**/api/v1/**", (route) => {
    const path = new URL(route.request().url()).pathname.replace("/api/v1", "");
    const kind = path.replace(/SHOP-\d+/, "KEY");
    asked.set(kind, (asked.get(kind) ?? 0) + 1);
    const body = answer(path);
    return body ? route.fulfill({ json: body }) : route.fulfill({ status: 404, json: {} });
  });
  await page.routeWebSocket(/\/api\/v1\/ws/, (socket) => {
    socket.onMessage((message) => {
      const { op, stream, id } = JSON.parse(message);
      if (op === "subscribe" && stream === "events")
        daemon.say = (event) => socket.send(JSON.stringify({ id, event }));
    });
  });
  await page.addInitScript(() => {
    Object.assign(window, { long: [], answered: [] });
    const watch = (entries, options) => new PerformanceObserver(entries).observe(options);
    watch((list) => window.long.push(...list.getEntries().map(({ duration }) => Math.round(duration))), {
      type: "longtask",
      buffered: true,
    });
    watch((list) => window.answered.push(...list.getEntries().map(({ duration }) => Math.round(duration))), {
      type: "event",
      durationThreshold: 16,
    });
  });
  return { page, daemon };
}

/** Everything that happens to so many tickets in a stream. */
async function stream(daemon) {
  const start = Date.now();
  for (let sent = 0; Date.now() - start < EVENTS_S * 1_000; ) {
    for (const due = ((Date.now() - start) * EVENTS_PER_S) / 1_000; sent < due; sent += 1) {
      const n = sent % 3 === 0 ? sent % 2_000 : sent % AGENTS;
      const at_us = Date.now() * 1_000;
      seq += 1;
      changed.set(n, at_us);
      daemon.say({ seq, at_us, actor: "gangline", type: "t", text: "x", project: "shop", key: `SHOP-${n}` });
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Keys that anybody presses; how long the slowest took to be answered. */
async function interactions(page, path) {
  const keys = ["j", "j", "j", ...(path.startsWith("/board") ? ["/", ..."number 99", "Escape"] : [])];
  for (const key of [...keys, "Control+k", ..."number 77", "Escape", "g", "b", "g", "a", "g", "n"]) {
    await page.keyboard.press(key);
    await page.waitForTimeout(120);
  }
  await page.waitForTimeout(500);
  const answered = await page.evaluate(() => window.answered.splice(0));
  return Math.max(0, ...answered);
}

async function cost(browser, site, path) {
  const asked = new Map();
  const { page, daemon } = await opened(browser, asked);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  let before = {};
  const spent = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const now = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    const ms = (name) => Math.round(1_000 * (now[`${name}Duration`] - (before[`${name}Duration`] ?? 0)));
    const told = `task ${ms("Task")} ms, script ${ms("Script")}, layout ${ms("Layout")}, style ${ms("RecalcStyle")}`;
    before = now;
    return { told, nodes: now.Nodes };
  };
  const long = () => page.evaluate(() => window.long.splice(0));
  await page.goto(site + path);
  await page
    .getByText(/Ticket number/)
    .first()
    .waitFor();
  await page.waitForTimeout(SETTLED_MS);
  const first = await spent();
  console.log(`${path}\n  first view: ${first.told}; ${first.nodes} nodes; long tasks ${await long()}`);
  await page.waitForTimeout(IDLE_MS);
  console.log(`  idle for ${IDLE_MS / 1_000} s: ${(await spent()).told}`);
  asked.clear();
  await long();
  await stream(daemon);
  await page.waitForTimeout(SETTLED_MS);
  const heap = await page.evaluate(() => Math.round(performance.memory.usedJSHeapSize / 1e6));
  console.log(
    `  ${EVENTS_S} s of events: ${(await spent()).told}; long tasks ${await long()}; heap ${heap} MB`,
  );
  console.log(`    asked ${[...asked].map(([kind, times]) => `${kind} ${times}`).join(", ")}`);
  console.log(`  slowest answer to a key: ${await interactions(page, path)} ms`);
  await page.close();
}

const port = await freePort();
const server = await preview({ logLevel: "silent", preview: { port } });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--enable-precise-memory-info"],
});
const paths = process.argv.slice(2);
for (const path of paths.length > 0 ? paths : ["/", "/board", "/board/list", "/board?lanes=label", "/agents"])
  await cost(browser, `http://127.0.0.1:${port}`, path);
await browser.close();
await server.close();
