import type { CDPSession, Page } from "@playwright/test";
import { expect, inTheWay, test, told, visit } from "./fixture";
import { type Message, Pushes } from "./world/pushes.mjs";
import { asker } from "./world/scripts.mjs";

type Subscribed = Pushes["subscription"];

/** What a browser does whose push service is elsewhere: the one of a test has none. */
function subscribes({ endpoint, keys }: Subscribed): void {
  const AT = "test:subscribed";
  const subscription = (applicationServerKey: ArrayBuffer) => ({
    endpoint,
    options: { userVisibleOnly: true, applicationServerKey },
    toJSON: () => ({ endpoint, keys }),
    unsubscribe: async () => {
      localStorage.removeItem(AT);
      return true;
    },
  });
  const known = () => {
    const kept = localStorage.getItem(AT);
    return kept && subscription(Uint8Array.from(JSON.parse(kept)).buffer);
  };
  const wanted = {
    getSubscription: async () => known(),
    subscribe: async ({ applicationServerKey }: { applicationServerKey: Uint8Array }) => {
      localStorage.setItem(AT, JSON.stringify([...applicationServerKey]));
      return known();
    },
  };
  Object.assign(PushManager.prototype, wanted);
}

/** Hands messages to the page's worker, as a browser does that gets them. */
async function carrier(page: Page, origin: string): Promise<(message: Message) => Promise<void>> {
  const session: CDPSession = await page.context().newCDPSession(page);
  const found = new Promise<string>((done) => {
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL === `${origin}/`);
      if (ours) done(ours.registrationId);
    });
  });
  await session.send("ServiceWorker.enable");
  const registrationId = await found;
  return (message) =>
    session
      .send("ServiceWorker.deliverPushMessage", { origin, registrationId, data: JSON.stringify(message) })
      .then(() => {});
}

const notifications = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const shown = await registration.getNotifications();
    return shown.map(({ title, body, tag, data }) => ({ title, body, tag, url: data.url }));
  });

const section = (page: Page) => page.getByRole("region", { name: "Messages on this device" });

test("a device is told what needs its person, and a message leads there", async ({
  page,
  context,
  site,
  world,
}) => {
  const pushes = await Pushes.begin();
  await context.grantPermissions(["notifications"], { origin: site });
  await context.addInitScript(subscribes, pushes.subscription);
  await visit(page, `${site}/settings`);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.scriptURL);
  await visit(page, `${site}/settings`);
  await expect(section(page)).toContainText("What needs you can be told here");
  await section(page).getByRole("button", { name: "Tell this device" }).press("Enter");
  await expect(section(page)).toContainText("What needs you is told here");
  const own = section(page).getByRole("region", { name: "Your devices" }).getByRole("row");
  await expect(own.nth(1)).toContainText(/Chrome on .*this one.*127\.0\.0\.1.*never/);
  const { public_key } = await world.api("GET", "/push");
  const given: number[] = await page.evaluate(() =>
    JSON.parse(localStorage.getItem("test:subscribed") ?? ""),
  );
  expect(Buffer.from(given).toString("base64url"), "it subscribed with the daemon's key").toBe(public_key);

  await section(page).getByRole("button", { name: "Send a test" }).click();
  await told(page, "A message is on its way");
  await expect
    .poll(() => pushes.messages().map(({ title }) => title))
    .toEqual(["Gangline reaches this device"]);
  const [first] = pushes.got;
  if (!first) throw new Error("nothing came");
  const { aud, exp, sub } = pushes.claims(first, public_key);
  expect(aud).toBe(pushes.origin);
  expect(sub).toMatch(/^https:/);
  expect(exp - Date.now() / 1000).toBeLessThanOrEqual(24 * 3_600);

  const key = await world.add("Parse prices", asker);
  await expect.poll(() => pushes.messages().length).toBe(2);
  const asked = pushes.messages()[1] as Message;
  expect(asked).toMatchObject({ title: `${key} asks`, url: `/t/shop/${key}`, tag: `shop.${key}` });
  expect(asked.body).toContain("Parse prices\nWhich separator");
  const deliver = await carrier(page, site);
  await deliver(asked);
  const { body, tag, title, url } = asked;
  await expect.poll(() => notifications(page)).toEqual([{ title, body, tag, url }]);
  // A newer one about the same takes its place; what nobody said is shown as that.
  await deliver({ ...asked, title: `${key} needs you` });
  await expect.poll(() => notifications(page)).toEqual([{ title: `${key} needs you`, body, tag, url }]);
  await deliver("nonsense" as unknown as Message);
  await expect
    .poll(async () => (await notifications(page)).map((shown) => shown.title).sort())
    .toEqual([`${key} needs you`, "Gangline"].sort());

  // Whoever chooses it is led there by the open page, which is not loaded anew.
  await page.evaluate(() => Object.assign(window, { stays: true }));
  const worker = context.serviceWorkers().find((each) => each.url() === `${site}/sw.js`);
  if (!worker) throw new Error("there is no worker");
  await worker.evaluate(async (wanted) => {
    const scope = self as unknown as ServiceWorkerGlobalScopeOfTest;
    const shown = await scope.registration.getNotifications({ tag: wanted });
    try {
      scope.dispatchEvent(new scope.NotificationEvent("notificationclick", { notification: shown[0] }));
    } catch {
      // An event of a test keeps nobody awake.
    }
  }, tag);
  await expect(page).toHaveURL(`${site}/t/shop/${key}`);
  await expect(page.locator("#main")).toContainText("Which separator do prices in the old export use?");
  expect(await page.evaluate(() => "stays" in window)).toBe(true);
  await expect.poll(async () => (await notifications(page)).map((shown) => shown.tag)).not.toContain(tag);

  // Another page of the same browser says so once more, and there is still one device.
  await page.reload();
  await visit(page, `${site}/settings`);
  await expect(section(page)).toContainText("What needs you is told here");
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(own).toHaveCount(2);
  expect(await inTheWay(page)).toEqual([]);
  await section(page).getByRole("button", { name: "Tell this device no more" }).click();
  await expect(section(page)).toContainText("What needs you can be told here");
  await expect(own).toHaveCount(0);
  expect((await world.api("GET", "/push")).subscriptions).toEqual([]);
  pushes.end();
});

interface ServiceWorkerGlobalScopeOfTest extends EventTarget {
  registration: ServiceWorkerRegistration;
  NotificationEvent: new (type: string, init: { notification?: Notification }) => Event;
}

test("one's other devices are listed, and removed", async ({ page, site, world }) => {
  const pushes = await Pushes.begin();
  await world.api("POST", "/push/subscriptions", { ...pushes.subscription, label: "Firefox on Android" });
  await visit(page, `${site}/settings`);
  const row = section(page).getByRole("row", { name: /Firefox on Android/ });
  await expect(row).not.toContainText("this one");
  await row.getByRole("button", { name: /^Remove/ }).click();
  await expect(row).toHaveCount(0);
  expect((await world.api("GET", "/push")).subscriptions).toEqual([]);
  pushes.end();
});
