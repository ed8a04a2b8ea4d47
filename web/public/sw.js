// Keeps what never changes, and a page that says that the daemon cannot be reached. What the daemon
// answers is never kept: an old answer would look like a true one.

const OFFLINE = "offline-1";
const ASSETS = "assets-1";
const PAGE = "/offline.html";
/** What that page is made of. */
const OFFLINE_FILES = [PAGE, "/offline.css", "/icon.svg"];
/** Files with a hash in their name that are kept; the oldest goes first. */
const ASSETS_MAX = 150;
/** Answers of whatever stands between here and a daemon that does not run. */
const NOBODY_THERE = [502, 503, 504];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(OFFLINE)
      .then((cache) => cache.addAll(OFFLINE_FILES.map((url) => new Request(url, { cache: "reload" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names.filter((name) => ![OFFLINE, ASSETS].includes(name)).map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

async function opened(request) {
  try {
    const answer = await fetch(request);
    if (!NOBODY_THERE.includes(answer.status)) return answer;
  } catch {
    // Nobody answers.
  }
  return (await caches.match(PAGE)) ?? Response.error();
}

async function asset(request) {
  const cache = await caches.open(ASSETS);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.status === 200) {
    await cache.put(request, answer.clone());
    const kept = await cache.keys();
    await Promise.all(kept.slice(0, Math.max(0, kept.length - ASSETS_MAX)).map((old) => cache.delete(old)));
  }
  return answer;
}

/** Of the page that says so: from what is kept, when nobody answers. */
async function ofOffline(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request)) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith("/api/") || pathname.startsWith("/login")) return;
  if (request.mode === "navigate") event.respondWith(opened(request));
  else if (pathname.startsWith("/assets/")) event.respondWith(asset(request));
  else if (OFFLINE_FILES.includes(pathname)) event.respondWith(ofOffline(request));
});

/** How long an open page has to say that it goes there. */
const HEARD_MS = 1_000;

/** What the daemon says, in crates/gangline-server/src/push/words.rs. */
function said(data) {
  try {
    const { title, body, url, tag } = data.json();
    if (typeof title === "string" && title)
      return { title, body: `${body ?? ""}`, url, tag: `${tag ?? title}` };
  } catch {
    // Nothing that this daemon has said.
  }
  // A browser that was woken wants to see something.
  return { title: "Gangline", body: "Something may need you.", url: "/", tag: "unknown" };
}

self.addEventListener("push", (event) => {
  const { title, body, url, tag } = said(event.data);
  const about = { body, tag, renotify: true, icon: "/icon-192.png", data: { url } };
  event.waitUntil(self.registration.showNotification(title.slice(0, 200), about));
});

/** Whether an open page goes there by itself, with what is written in it. */
function heard(page, path) {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(true);
    setTimeout(() => done(false), HEARD_MS);
    page.postMessage({ open: path }, [port2]);
  });
}

async function shown(wanted) {
  const url = new URL(typeof wanted === "string" ? wanted : "/", self.location.origin);
  // It leads within the dashboard, or to its beginning.
  const path = url.origin === self.location.origin ? url.pathname : "/";
  const pages = await self.clients.matchAll({ type: "window" });
  const page = pages.find(({ focused }) => focused) ?? pages[0];
  if (!page) return self.clients.openWindow(path);
  await page.focus().catch(() => {});
  if (!(await heard(page, path))) await page.navigate(path);
}

self.addEventListener("notificationclick", (event) => {
  const { notification } = event;
  notification.close();
  event.waitUntil(shown(notification.data?.url));
});
