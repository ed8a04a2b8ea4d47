// A machine of its own for each worker: the real program, its daemon, and the page as it is shipped.

import { writeFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { type BrowserContext, test as base, type CDPSession, expect, type Page } from "@playwright/test";
import { preview } from "vite";
import { freePort, World } from "./world/world.mjs";

interface Worker {
  world: World;
  /** Where the page is. */
  site: string;
}

interface Each {
  /** Nothing is left of one test when the next begins. */
  cleared: undefined;
  /** A browser that is let in. */
  page: Page;
  /** Lets another one in, with a role. */
  letIn(context: BrowserContext, role?: string, at?: string): Promise<Page>;
}

interface Served {
  site: string;
  end(): Promise<void>;
}

/** Where the page comes from: the daemon itself, or a server that passes calls on to it. */
async function served(world: World): Promise<Served> {
  const daemon = `http://127.0.0.1:${world.port}`;
  if (process.env.GANGLINE_EMBEDDED) return { site: daemon, end: async () => {} };
  return passedOn(world, await freePort());
}

export async function passedOn(world: World, port: number): Promise<Served> {
  process.env.GANGLINE_DAEMON = `http://127.0.0.1:${world.port}`;
  const server = await preview({ logLevel: "silent", preview: { port } });
  return { site: `http://127.0.0.1:${port}`, end: () => server.close() };
}

/** A place that the page comes from, and that can be as if nobody were there. */
export async function fragile(world: World) {
  if (process.env.GANGLINE_EMBEDDED) {
    const site = `http://127.0.0.1:${world.port}`;
    return { site, down: () => world.kill(), up: async () => world.start(), end: async () => {} };
  }
  const port = await freePort();
  let server = await passedOn(world, port);
  return {
    site: server.site,
    down: () => server.end(),
    up: async () => {
      server = await passedOn(world, port);
    },
    end: () => server.end(),
  };
}

/** Which functions of the page's scripts were called, for scripts/coverage.mjs. */
class Ran {
  private readonly sessions = new Map<Page, CDPSession>();
  /** By the path of a script: where functions begin and end in it. */
  private readonly called = new Map<string, Set<string>>();

  async watch(page: Page): Promise<void> {
    const session = await page.context().newCDPSession(page);
    await session.send("Profiler.enable");
    await session.send("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    this.sessions.set(page, session);
    // With a page that is left, goes what was counted of it.
    const { goto, reload } = page;
    page.goto = async (...to) => {
      await this.take(page);
      return goto.apply(page, to);
    };
    page.reload = async (...how) => {
      await this.take(page);
      return reload.apply(page, how);
    };
  }

  async take(page: Page): Promise<void> {
    const session = this.sessions.get(page);
    if (!session || page.isClosed()) return;
    const { result } = await session.send("Profiler.takePreciseCoverage");
    for (const { url, functions } of result) {
      if (!URL.canParse(url) || !new URL(url).pathname.startsWith("/assets/")) continue;
      const { pathname } = new URL(url);
      const known = this.called.get(pathname) ?? new Set();
      this.called.set(pathname, known);
      for (const { ranges } of functions)
        if (ranges[0] && ranges[0].count > 0) known.add(`${ranges[0].startOffset} ${ranges[0].endOffset}`);
    }
  }

  toJSON() {
    return Object.fromEntries([...this.called].map(([path, called]) => [path, [...called]]));
  }
}

/** Keeps what is told in a corner: it is gone after seconds, and nobody may have looked by then. */
function keepToasts(): void {
  const kept: string[] = [];
  Object.assign(window, { kept });
  new MutationObserver((changes) => {
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      if (!(node instanceof Element)) continue;
      const toasts = [...(node.matches("[data-sonner-toast]") ? [node] : [])];
      for (const toast of [...toasts, ...node.querySelectorAll("[data-sonner-toast]")])
        kept.push(`${toast.getAttribute("data-type")}: ${toast.textContent}`);
    }
  }).observe(document, { childList: true, subtree: true });
}

export const test = base.extend<Each, Worker>({
  world: [
    // biome-ignore lint/correctness/noEmptyPattern: the form that the runner wants
    async ({}, use) => {
      const world = await World.begin();
      await use(world);
      await world.end();
    },
    { scope: "worker", timeout: 240_000 },
  ],
  site: [
    async ({ world }, use) => {
      const { site, end } = await served(world);
      await use(site);
      await end();
    },
    { scope: "worker" },
  ],
  cleared: [
    async ({ world }, use, info) => {
      await use(undefined);
      // After a failure there is a new world.
      if (info.status === info.expectedStatus) await world.clear();
    },
    { auto: true },
  ],
  letIn: async ({ world, site, context: own }, use, info) => {
    const ran = new Ran();
    const pages: Page[] = [];
    await use(async (context, role, at = site) => {
      await context.addInitScript(keepToasts);
      const page = await context.newPage();
      await ran.watch(page);
      pages.push(page);
      const link = await world.link(role);
      await page.goto(link.replace(/^http:\/\/[^/]+/, at));
      return page;
    });
    for (const page of pages) {
      await ran.take(page);
      if (page.context() !== own) await page.context().close();
    }
    writeFileSync(info.outputPath("ran.json"), JSON.stringify(ran));
  },
  page: async ({ context, letIn, site }, use) => {
    const wrong: string[] = [];
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    context.on("console", (message) => {
      if (message.type() === "error" && message.text().startsWith("policy:")) wrong.push(message.text());
    });
    context.on("weberror", (error) => wrong.push(String(error.error())));
    const page = await letIn(context);
    await page.goto(site);
    await use(page);
    expect(wrong, "errors of the page, and what its policy forbade").toEqual([]);
  },
});

export { expect };

/** The row of a need, by its ticket's key. */
export const need = (page: Page, key: string) =>
  page.getByRole("region", { name: "Needs you" }).getByRole("button", { name: new RegExp(`\\b${key}\\b`) });

/** Waits until this was told in a corner, even if it is gone again. */
export async function told(page: Page, text: string | RegExp): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => (window as unknown as { kept: string[] }).kept.join("\n")))
    .toMatch(typeof text === "string" ? new RegExp(text.replace(/[^\w ]/g, "\\$&")) : text);
}

/** Goes there, and waits until the page listens. */
export async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.locator("#main h1").first().waitFor({ state: "attached" });
  await expect(page.getByText(/^(One moment|Reading|Looking)/)).toHaveCount(0);
}

/** Presses the key of an act as soon as it is offered. */
export async function press(page: Page, key: string): Promise<void> {
  await page.locator(`[data-keys~="${key}"]`).first().waitFor();
  await page.keyboard.press(key);
}

/** Presses two keys as fast as fingers do. */
export async function chord(page: Page, first: string, second: string): Promise<void> {
  await Promise.all([page.keyboard.press(first), page.keyboard.press(second)]);
}

/** What stands in the way of who cannot see, in the light and in the dark. */
export async function inTheWay(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const { id, nodes } of violations)
      found.push(...nodes.map(({ html }) => `${colorScheme} ${id}: ${html.slice(0, 160)}`));
  }
  await page.emulateMedia({ colorScheme: null });
  return found;
}
