// Has the daemon tell this browser what needs a person, also while no page is open: by the push
// service of the browser, and public/sw.js.

import { queryOptions } from "@tanstack/react-query";
import { useEffect } from "react";
import { given } from "../api";
import { deviceName, type Here } from "../model/push";
import { client } from "./daemon";

const KEY = "gangline:push";

/** What browsers subscribe with, and one's own devices. */
export const pushQuery = queryOptions({
  queryKey: ["push"],
  queryFn: () => given(client.GET("/api/v1/push")),
});

/** How this browser stands; the person may change that in another window. */
export const hereQuery = queryOptions({
  queryKey: ["push", "here"],
  queryFn: here,
  refetchOnWindowFocus: "always",
});

/** Whether this browser was asked to be told. */
export const toldHere = () => localStorage.getItem(KEY) === "yes";

const worker = async () =>
  "serviceWorker" in navigator ? await navigator.serviceWorker.getRegistration() : undefined;

async function here(): Promise<Here> {
  const registration = await worker();
  const able = !!registration && "pushManager" in registration && typeof Notification !== "undefined";
  const subscription = able ? await registration.pushManager.getSubscription() : null;
  return {
    trusted: isSecureContext,
    able,
    permission: able ? Notification.permission : "default",
    id: subscription && (await idOf(subscription.endpoint)),
  };
}

/** As the daemon names it. */
async function idOf(endpoint: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  const digits = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
  return digits.join("").slice(0, 16);
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

const same = (one: ArrayBuffer | null, other: Uint8Array) =>
  one?.byteLength === other.length && new Uint8Array(one).every((byte, at) => byte === other[at]);

/** Subscribes, and says so to the daemon. The same again changes nothing. */
async function subscribe(publicKey: string): Promise<void> {
  const registration = await worker();
  if (!registration) throw new Error("This browser takes no messages.");
  const key = bytes(publicKey);
  let known = await registration.pushManager.getSubscription();
  if (known && !same(known.options.applicationServerKey, key)) {
    // It was made for a daemon that had another key.
    await known.unsubscribe();
    known = null;
  }
  const wanted = { userVisibleOnly: true, applicationServerKey: key };
  const subscription = known ?? (await registration.pushManager.subscribe(wanted));
  const { keys } = subscription.toJSON();
  const body = {
    endpoint: subscription.endpoint,
    keys: { p256dh: keys?.p256dh ?? "", auth: keys?.auth ?? "" },
    label: deviceName(navigator.userAgent),
  };
  await given(client.POST("/api/v1/push/subscriptions", { body }));
  localStorage.setItem(KEY, "yes");
}

/** Asks the person for leave, and then has this browser told. */
export async function tellHere(publicKey: string): Promise<void> {
  if ((await Notification.requestPermission()) === "granted") await subscribe(publicKey);
}

/** Has this browser told no more; the daemon hears of it by the device's removal. */
export async function tellHereNoMore(): Promise<void> {
  localStorage.removeItem(KEY);
  const subscription = await (await worker())?.pushManager.getSubscription();
  await subscription?.unsubscribe();
}

/** Where this browser is told, says so once more: sessions end, and push services change addresses. */
export async function stayTold(): Promise<void> {
  if (!toldHere()) return;
  try {
    const { able, permission } = await here();
    const { public_key } = await given(client.GET("/api/v1/push"));
    if (able && permission === "granted" && public_key) await subscribe(public_key);
  } catch (error) {
    console.warn("Whether this browser is still told is not known:", error);
  }
}

/** Goes where a message leads that somebody has chosen. */
export function useOpened(open: (path: string) => void): void {
  useEffect(() => {
    const listen = ({ data, ports }: MessageEvent) => {
      if (typeof data?.open !== "string") return;
      ports[0]?.postMessage("heard");
      open(data.open);
    };
    navigator.serviceWorker?.addEventListener("message", listen);
    return () => navigator.serviceWorker?.removeEventListener("message", listen);
  }, [open]);
}
