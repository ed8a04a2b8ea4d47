// Time, money and counts, as people say them; the same words as on the command line.

const S = 1_000;
const MIN = 60 * S;
const H = 60 * MIN;
const D = 24 * H;

/** A duration in milliseconds, in its two largest units. */
export function span(ms: number): string {
  const seconds = Math.floor(ms / S);
  if (seconds === 0) return `${Math.max(0, Math.floor(ms))} ms`;
  if (seconds < 10) return `${seconds}.${Math.floor((ms % S) / 100)} s`;
  if (ms < MIN) return `${seconds} s`;
  if (ms < H) return `${Math.floor(ms / MIN)} min ${Math.floor((ms % MIN) / S)} s`;
  if (ms < D) return `${Math.floor(ms / H)} h ${Math.floor((ms % H) / MIN)} min`;
  return `${Math.floor(ms / D)} d ${Math.floor((ms % D) / H)} h`;
}

/** How long since, in its largest unit alone, such as `3 min`. */
export function age(thenUs: number, nowMs: number): string {
  const ms = Math.max(0, nowMs - thenUs / 1_000);
  if (ms < MIN) return `${Math.floor(ms / S)} s`;
  if (ms < H) return `${Math.floor(ms / MIN)} min`;
  if (ms < D) return `${Math.floor(ms / H)} h`;
  return `${Math.floor(ms / D)} d`;
}

/** Millionths of a US dollar, to the cent. */
export function dollars(micros: number): string {
  return `${Math.floor(micros / 1_000_000)}.${String(Math.floor((micros % 1_000_000) / 10_000)).padStart(2, "0")} USD`;
}

/** A count of tokens, in its largest unit. */
export function tokens(count: number): string {
  if (count < 10_000) return `${count} tok`;
  if (count < 10_000_000) return `${Math.floor(count / 1_000)} k tok`;
  return `${Math.floor(count / 1_000_000)} M tok`;
}

/** What something has cost: money where it is known, tokens otherwise, nothing where there is none. */
export function cost(usage: { cost_microusd: number; tokens: number } | undefined): string {
  if (!usage) return "";
  if (usage.cost_microusd > 0) return dollars(usage.cost_microusd);
  return usage.tokens > 0 ? tokens(usage.tokens) : "";
}

const two = (n: number) => String(n).padStart(2, "0");

/** The time of day here, such as `14:03:22`. */
export function clock(us: number): string {
  const at = new Date(us / 1_000);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** The time of day in UTC, such as `14:03`. */
export const utc = (us: number) => new Date(us / 1_000).toISOString().slice(11, 16);

/** The date here, such as `2026-11-03`. */
export function day(us: number): string {
  const at = new Date(us / 1_000);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Date and time here, such as `2026-11-03 14:03`. */
export const moment = (us: number) => `${day(us)} ${clock(us).slice(0, 5)}`;

const grouped = new Intl.NumberFormat("en");

/** A whole number, such as `12,345`. */
export const whole = (n: number) => grouped.format(n);

/** A count with its word, such as `2 tickets`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${whole(n)} ${n === 1 ? one : many}`;
}

export const short = (commit: string) => commit.slice(0, 10);
