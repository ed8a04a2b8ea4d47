// Whether this browser is told what needs a person while no page is open, in words.

/** What is known of this browser. */
export interface Here {
  /** Whether the browser trusts the address: HTTPS, or this machine. */
  trusted: boolean;
  /** Whether it can be told at all. */
  able: boolean;
  /** What the browser says of leave to show messages. */
  permission: NotificationPermission;
  /** The id by which the daemon knows it; `null` where it is not subscribed. */
  id: string | null;
}

export type Standing = "refused" | "untrusted" | "unable" | "blocked" | "off" | "on";

/** How it stands. `told` are the ids that the daemon tells. */
export function standing(here: Here, enabled: boolean, told: string[]): Standing {
  if (!enabled) return "refused";
  if (!here.trusted) return "untrusted";
  if (!here.able) return "unable";
  if (here.permission === "denied") return "blocked";
  return here.permission === "granted" && here.id !== null && told.includes(here.id) ? "on" : "off";
}

export const STANDINGS: Record<Standing, string> = {
  refused: "This daemon sends no messages: config.toml says so, under [push].",
  untrusted: "Browsers take messages only over HTTPS, or on the machine of the daemon itself.",
  unable:
    "This browser takes no messages while no page is open. On an iPhone or iPad, add the page to the home screen and open it from there.",
  blocked:
    "This browser keeps the page from showing messages. Allow notifications for this site in the browser's settings; then load the page anew.",
  off: "What needs you can be told here, also while no page is open.",
  on: "What needs you is told here, also while no page is open.",
};

const BROWSERS: [RegExp, string][] = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/(Chrome|CriOS)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];

const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/CrOS/, "ChromeOS"],
  [/Macintosh/, "a Mac"],
  [/Linux/, "Linux"],
];

/** What to call the device of a browser that says so much of itself. */
export function deviceName(userAgent: string): string {
  const first = (known: [RegExp, string][]) => known.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = first(BROWSERS) ?? "A browser";
  const system = first(SYSTEMS);
  return system ? `${browser} on ${system}` : browser;
}
