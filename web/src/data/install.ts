// The page can be installed, and says so itself when there is no daemon: public/sw.js.

/** Has the worker registered, where the browser trusts the address: HTTPS, or this machine. */
export function installable(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/sw.js").catch((error: unknown) => {
    console.warn("The page cannot be kept for when the daemon does not run:", error);
  });
}
