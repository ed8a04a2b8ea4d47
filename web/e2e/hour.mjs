// What the tab keeps in memory after an hour of 200 events a second, sent in minutes: node e2e/hour.mjs [EVENTS]
//
// The real program, 10,000 tickets, 50 scripted agents at work. Each minute it prints what the tab has: its
// process's own memory, as the browser's task manager shows it, and all of it with the browser's own code,
// which it shares with other processes. Nobody is connected to the browser meanwhile: whoever is makes the
// tab keep up to 200 MB of the answers that it was given.

import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { preview } from "vite";
import { FILES } from "./world/repository.mjs";
import { busy } from "./world/scripts.mjs";
import { beside, freePort, World } from "./world/world.mjs";

const TICKETS = 10_000;
const AGENTS = 50;
const EVENTS = Number(process.argv[2] ?? 3_600 * 200);
/** Requests that are under way at once. */
const AT_ONCE = 64;
/** What the tab may have of its own in the end. */
const TAB_MB_MAX = 250;
const TOLD_MS = 60_000;
const PATIENCE_MS = 30_000;
const LOOK_MS = 200;
const PRIORITIES = ["critical", "high", "medium", "low"];
const LAST = "The last that happened";

const POLICY = FILES["gangline.toml"]
  .replace("agents = 8\nper_definition = 6", `agents = ${AGENTS}\nper_definition = ${AGENTS}\nworktrees = 60`)
  .replace("cost_usd = 20.00", "cost_usd = 10.00")
  .replace("cost_usd = 400.00", "cost_usd = 4000.00");

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Edits tickets, one after another, over connections that are kept. */
function editor(world) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const socketPath = join(world.env.GANGLINE_RUNTIME_DIR, "gangline.sock");
  const headers = { "content-type": "application/json", host: "localhost", "gangline-person": "ann" };
  return (key, change) =>
    new Promise((done, fail) => {
      const path = `/api/v1/projects/shop/tickets/${key}`;
      const asked = request({ agent, socketPath, method: "PATCH", path, headers }, (answer) => {
        answer.resume().on("end", () => {
          if (answer.statusCode === 200) done();
          else fail(new Error(`${key}: ${answer.statusCode}`));
        });
      });
      asked.on("error", fail).end(JSON.stringify(change));
    });
}

/** A browser that nobody has to be connected to. */
async function started() {
  const profile = mkdtempSync(join(tmpdir(), "glw-chromium-"));
  const port = await freePort();
  const args = ["--headless=new", "--no-sandbox", "--no-first-run", "--window-size=1440,900"];
  const child = beside(
    process.env.CHROMIUM ?? "/usr/bin/chromium",
    [...args, `--remote-debugging-port=${port}`, `--user-data-dir=${profile}`, "about:blank"],
    { stdio: "ignore" },
  );
  const end = async () => {
    const ended = once(child, "exit");
    child.kill();
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { at: `http://127.0.0.1:${port}`, end };
}

/** Does something with the browser's page. */
async function connected(at, what) {
  const end = Date.now() + PATIENCE_MS;
  const reached = () =>
    fetch(`${at}/json/version`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await reached()) && Date.now() < end) await pause(LOOK_MS);
  const browser = await chromium.connectOverCDP(at);
  try {
    return await what(browser.contexts()[0].pages()[0], browser);
  } finally {
    await browser.close();
  }
}

/** The process of the page: the renderer that has most of its own. */
const renderer = (at) =>
  connected(at, async (_page, browser) => {
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const pids = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
    return pids.sort((one, other) => memory(other).own - memory(one).own)[0];
  });

/** What a process has, in MB: all, and its own. */
function memory(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const mb = (name) => Number(new RegExp(`^${name}: *(\\d+) kB`, "m").exec(text)[1]) / 1_000;
  return { all: Math.round(mb("Rss")), own: Math.round(mb("Private_Clean") + mb("Private_Dirty")) };
}

function told(pid, what) {
  const { all, own } = memory(pid);
  console.log(`${what}: tab ${own} MB (${all} with what is shared)`);
  return own;
}

async function opened(page, site, link) {
  await page.goto(link.replace(/^http:\/\/[^/]+/, site));
  await page.goto(`${site}/board`);
  await page.getByText("Port the pages").first().waitFor();
  await page.evaluate(() => {
    window.long = [];
    new PerformanceObserver((list) =>
      window.long.push(...list.getEntries().map(({ duration }) => Math.round(duration))),
    ).observe({ type: "longtask" });
  });
}

const slots = async () => `[daemon]\nagents_max = ${AGENTS}\n`;
const world = await World.begin({ ...FILES, "gangline.toml": POLICY }, slots);
try {
  for (let from = 0; from < TICKETS; from += 1_000) {
    const tickets = Array.from({ length: 1_000 }, (_, n) => ({
      ...{ key: `SHOP-${1_000 + from + n}`, title: `Ticket number ${from + n} of a long list`, body: "x" },
      ...{ draft: true, labels: [`l${n % 7}`], budget: {} },
    }));
    await world.api("POST", "/projects/shop/imports", { tickets });
  }
  for (let n = 0; n < AGENTS; n += 1) await world.add(`Port the pages, part ${n}`, busy());
  const working = async () =>
    (await world.api("GET", "/tickets?state=working")).tickets.filter(({ activity }) => activity).length;
  while ((await working()) < AGENTS) await pause(LOOK_MS);
  process.env.GANGLINE_DAEMON = `http://127.0.0.1:${world.port}`;
  const port = await freePort();
  const server = await preview({ logLevel: "silent", preview: { port } });
  const site = `http://127.0.0.1:${port}`;
  const link = await world.link();
  const browser = await started();
  await connected(browser.at, (page) => opened(page, site, link));
  const pid = await renderer(browser.at);
  told(pid, "at first");

  const edit = editor(world);
  const began = Date.now();
  let sent = 0;
  const hands = Array.from({ length: AT_ONCE }, async () => {
    while (sent < EVENTS) {
      const n = sent++;
      const priority = PRIORITIES[Math.floor(n / TICKETS) % PRIORITIES.length];
      await edit(`SHOP-${1_000 + (n % TICKETS)}`, { priority });
    }
  });
  const telling = setInterval(() => {
    const rate = Math.round((1_000 * sent) / (Date.now() - began));
    told(pid, `${sent} events, ${rate} in a second`);
  }, TOLD_MS);
  await Promise.all(hands);
  clearInterval(telling);

  const own = told(pid, `in the end, ${EVENTS} events in ${Date.now() - began} ms`);
  if (own > TAB_MB_MAX) process.exitCode = 1;

  // Nothing was left out: the page that has stood there all the time shows what happens last.
  await connected(browser.at, async (page) => {
    const long = await page.evaluate(() => window.long);
    console.log(`${long.length} long tasks, the longest of ${Math.max(0, ...long)} ms`);
    await page.getByLabel("Filter").fill(LAST);
    await edit("SHOP-1000", { title: LAST });
    await page.getByText(LAST).first().waitFor();
  });
  console.log(`${await working()} agents are at work still`);
  await browser.end();
  await server.close();
} finally {
  await world.end();
}
