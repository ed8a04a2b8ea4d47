// A team signs in by a real issuer: npm's oidc-provider, in a process of its own. It is at `localhost` and
// the page at 127.0.0.1, so that a browser takes them for what they are: two sites.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Page } from "@playwright/test";
import { expect, passedOn, test as shared, visit } from "./fixture";
import { freePort, World } from "./world/world.mjs";

const SCRIPT = resolve(import.meta.dirname, "world/issuer.mjs");
const CONFIG = `
[seed_api]
auth = "jwt"
[seed_api.jwt]
issuer = "ISSUER"
audience = "gangline-api"
[oidc]
issuer = "ISSUER"
label = "the team's account"
client_id = "gangline"
client_secret = "env://TEAM_SECRET"
api_audiences = ["gangline-api"]
[oidc.roles]
L3 = { groups = ["admins"] }
L1 = { groups = ["engineers"] }
[oidc.only]
domains = ["example.org"]
groups = ["engineers"]
`;

/** The issuer, which can go and come back with other keys. */
class Issuer {
  private process: ChildProcess | undefined;
  /** Where it sends browsers back to. */
  redirects: string[] = [];

  constructor(readonly port: number) {}

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  async start(env: Record<string, string> = {}): Promise<void> {
    const program = process.env.GANGLINE_NODE_BIN ?? process.execPath;
    const child = spawn(program, [SCRIPT, String(this.port), ...this.redirects], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.process = child;
    for await (const line of createInterface(child.stdout)) if (line.startsWith("issuer ")) return;
    throw new Error("the issuer did not start");
  }

  async stop(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null) return;
    child.kill();
    await once(child, "exit");
  }

  /** A token of access for the program `robot`. */
  async token(): Promise<string> {
    const basic = Buffer.from("robot:a+secret+of+the+robot").toString("base64");
    const answer = await fetch(`${this.url}/token`, {
      method: "POST",
      headers: { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials",
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  }
}

const test = shared.extend<{ stranger: Page }, { issuer: Issuer; address: number }>({
  // biome-ignore lint/correctness/noEmptyPattern: the form that the runner wants
  address: [async ({}, use) => use(await freePort()), { scope: "worker" }],
  issuer: [
    // biome-ignore lint/correctness/noEmptyPattern: the form that the runner wants
    async ({}, use) => {
      const issuer = new Issuer(await freePort());
      await use(issuer);
      await issuer.stop();
    },
    { scope: "worker" },
  ],
  world: [
    async ({ issuer, address }, use) => {
      const world = await World.begin(undefined, async (world) => {
        const ports = [world.port, address];
        issuer.redirects = ports.map((port) => `http://127.0.0.1:${port}/login/oidc/callback`);
        await issuer.start();
        world.env.TEAM_SECRET = "a secret: of gangline + others";
        return CONFIG.replaceAll("ISSUER", issuer.url);
      });
      await use(world);
      await world.end();
    },
    { scope: "worker", timeout: 240_000 },
  ],
  site: [
    async ({ world, address }, use) => {
      if (process.env.GANGLINE_EMBEDDED) return use(`http://127.0.0.1:${world.port}`);
      const { site, end } = await passedOn(world, address);
      await use(site);
      await end();
    },
    { scope: "worker" },
  ],
  stranger: async ({ context, letIn, site }, use) => {
    const page = await letIn(context, "L0");
    await context.clearCookies();
    await page.goto(site);
    await use(page);
  },
});

/** Says at the issuer who one is. */
async function say(page: Page, name: string): Promise<void> {
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("whatever");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

const me = (page: Page) => page.evaluate(async () => (await fetch("/api/v1/me")).json());

test("a person signs in, is told of by name, and logs out", async ({
  stranger: page,
  context,
  world,
  site,
}) => {
  await expect(page.getByRole("heading", { name: "This browser is not let in" })).toBeVisible();
  await page.getByRole("link", { name: "Sign in with the team's account" }).click();
  await expect(page).toHaveURL(/^http:\/\/localhost:/);
  const kept = (await context.cookies(site)).map(({ name, sameSite, httpOnly }) => ({
    name,
    sameSite,
    httpOnly,
  }));
  // The cookie of a sign-in is for its own path alone.
  expect(kept).toEqual([]);
  await say(page, "bob");
  await expect(page).toHaveURL(`${site}/`);
  await expect(page.getByText("Needs you").or(page.getByText("Nothing needs you")).first()).toBeVisible();
  const cookies = await context.cookies([site, `${site}/login/oidc/callback`]);
  expect(cookies.map(({ name, sameSite, httpOnly }) => ({ name, sameSite, httpOnly }))).toEqual([
    { name: "gangline", sameSite: "Strict", httpOnly: true },
  ]);
  expect(await me(page)).toMatchObject({ name: "bob@example.org", role: "L1" });
  const body = JSON.stringify({ title: "By Bob", body: "Whatever.", draft: true });
  const key = await page.evaluate(async (body) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch("/api/v1/projects/shop/tickets", { method: "POST", headers, body });
    return (await answer.json()).key;
  }, body);
  expect((await world.ticket(key)).created_by).toBe("person:bob@example.org");
  const { tokens } = await world.api("GET", "/tokens");
  expect(tokens).toContainEqual(
    expect.objectContaining({ name: "bob@example.org", use: "session", role: "L1" }),
  );
  await visit(page, `${site}/settings`);
  await expect(page.getByRole("region", { name: "You" })).toContainText("bob@example.org");
  await page.getByRole("button", { name: "Log out" }).click();
  await expect(page.getByRole("heading", { name: "This browser is not let in" })).toBeVisible();
  const after = await world.api("GET", "/tokens");
  expect(after.tokens.filter(({ name }: { name: string }) => name === "bob@example.org")).toEqual([]);
});

test("whoever has no role is told so, and may be somebody else", async ({ stranger: page, site }) => {
  await page.getByRole("link", { name: /^Sign in/ }).click();
  const arrived = page.waitForResponse((answer) => answer.url().startsWith(`${site}/login/oidc/callback`));
  await say(page, "eve");
  expect((await arrived).status()).toBe(403);
  await expect(page.getByRole("alert")).toContainText(
    "eve@example.org is known to the issuer, and has no role here",
  );
  await expect(page.getByText("no_role", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: /somebody else/ }).click();
  await say(page, "ann");
  await expect(page).toHaveURL(`${site}/`);
  expect(await me(page)).toMatchObject({ name: "ann@example.org", role: "L3" });
});

test("an answer that this browser did not ask for lets nobody in", async ({
  stranger: page,
  context,
  site,
}) => {
  await page.getByRole("link", { name: /^Sign in/ }).click();
  await expect(page).toHaveURL(/^http:\/\/localhost:/);
  await context.clearCookies({ domain: "127.0.0.1" });
  await say(page, "bob");
  await expect(page.getByRole("alert")).toContainText("has not begun to sign in here");
  await expect(page.getByText("sign_in_failed", { exact: true })).toBeVisible();
  await page.goto(site);
  await expect(page.getByRole("heading", { name: "This browser is not let in" })).toBeVisible();
});

test("programs show the issuer's tokens, also after its keys changed and while it is away", async ({
  world,
  issuer,
}) => {
  const daemon = `http://127.0.0.1:${world.port}`;
  const asked = async (path: string, token?: string) => {
    const headers = token ? { authorization: `Bearer ${token}` } : undefined;
    const answer = await fetch(daemon + path, headers ? { headers } : {});
    return { status: answer.status, body: await answer.json() };
  };
  const first = await issuer.token();
  expect((await asked("/api/v1/me", first)).body).toMatchObject({ name: "robot", role: "L1" });
  expect((await asked("/api/workers", first)).status).toBe(200);
  expect(await asked("/api/workers")).toMatchObject({ status: 401, body: { code: "unauthorized" } });
  // Its signature, by another key than the one that it names.
  const [header, claims, signature = ""] = first.split(".");
  const forged = `${header}.${claims}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
  expect((await asked("/api/v1/me", forged)).status).toBe(401);
  for (const alg of ["ES256", "EdDSA"]) {
    await issuer.stop();
    await issuer.start({ ACCESS_ALG: alg });
    const token = await issuer.token();
    expect(JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).alg).toBe(alg);
    // Keys are read anew some seconds after they were read last.
    await expect.poll(async () => (await asked("/api/v1/me", token)).status).toBe(200);
    // The keys that signed it are no more.
    expect((await asked("/api/v1/me", first)).status).toBe(401);
  }
  const last = await issuer.token();
  await issuer.stop();
  expect((await asked("/api/v1/me", last)).status).toBe(200);
  expect((await asked("/api/v1/me", first)).status).toBe(401);
  await issuer.start();
});
