// What a line of cron says, in plain words. The daemon decides what is due; here it is only told.

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const short = (names: string[]) => names.map((name) => name.slice(0, 3).toLowerCase());

/** What a field may hold: its values, and names for them. */
interface Field {
  from: number;
  to: number;
  names?: string[];
}

const FIELDS: Field[] = [
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  { from: 1, to: 12, names: short(MONTHS) },
  // Sunday is 0 and 7.
  { from: 0, to: 7, names: short(DAYS) },
];

/** Every value (with a step of its own, or of 1), or these. */
type Said = { every: number } | { values: number[] };

/** Fewer times a day than these are told one by one. */
const TIMES_MAX = 6;

function value(text: string, { from, to, names }: Field): number | undefined {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  const n = named >= 0 ? named + (from === 1 ? 1 : 0) : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return n >= from && n <= to ? n : undefined;
}

/** The values of one part, such as `5`, `1-5`, `*` or `8-18/2`; nothing where it is not that simple. */
function part(text: string, field: Field): number[] | undefined {
  const [span = "", step = "1", ...more] = text.split("/");
  if (more.length > 0 || !/^[1-9]\d*$/.test(step)) return undefined;
  const all = span === "*" || span === "?";
  const [first = "", last, ...rest] = all ? [] : span.split("-");
  if (rest.length > 0 || (text.includes("/") && !all && last === undefined)) return undefined;
  const from = all ? field.from : value(first, field);
  const to = all ? Math.min(field.to, field === FIELDS[4] ? 6 : field.to) : value(last ?? first, field);
  if (from === undefined || to === undefined || to < from) return undefined;
  const found: number[] = [];
  for (let n = from; n <= to; n += Number(step)) found.push(n);
  return found;
}

function said(text: string, field: Field): Said | undefined {
  if (text === "*" || text === "?") return { every: 1 };
  const step = /^\*\/([1-9]\d*)$/.exec(text);
  if (step && field === FIELDS[0] && 60 % Number(step[1]) === 0) return { every: Number(step[1]) };
  if (step && field === FIELDS[1] && 24 % Number(step[1]) === 0) return { every: Number(step[1]) };
  const found: number[] = [];
  for (const each of text.split(",")) {
    const some = part(each, field);
    if (!some) return undefined;
    found.push(...some);
  }
  const values = found.map((n) => (field === FIELDS[4] ? n % 7 : n));
  return { values: [...new Set(values)].sort((a, b) => a - b) };
}

const two = (n: number) => String(n).padStart(2, "0");

/** `a`, `a and b`, `a, b and c`. */
function listed(words: string[]): string {
  const [last = "", ...before] = words.toReversed();
  return before.length > 0 ? `${before.toReversed().join(", ")} and ${last}` : last;
}

function nth(n: number): string {
  const ending = n % 100 >= 11 && n % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n}${ending}`;
}

/** Whether they follow one another without a gap. */
const inARow = (values: number[]) =>
  values.length > 2 && values.every((n, at) => at === 0 || n === (values[at - 1] ?? 0) + 1);

/** At which times of a day; whether it is so often that the day needs no word. */
function times(minutes: Said, hours: Said): { text: string; often: boolean } {
  const at = "values" in minutes ? listed(minutes.values.map(two)) : "";
  if ("every" in hours) {
    if ("every" in minutes && hours.every === 1)
      return { text: minutes.every === 1 ? "every minute" : `every ${minutes.every} minutes`, often: true };
    const every = hours.every === 1 ? "every hour" : `every ${hours.every} hours`;
    if ("values" in minutes)
      return { text: minutes.values.join() === "0" ? every : `${every}, at minute ${at}`, often: true };
  }
  const of =
    "values" in hours
      ? hours.values
      : Array.from({ length: 24 }, (_, n) => n).filter((n) => n % (hours as { every: number }).every === 0);
  if ("values" in minutes && minutes.values.length * of.length <= TIMES_MAX) {
    const each = of.flatMap((hour) => minutes.values.map((minute) => `${two(hour)}:${two(minute)}`));
    return { text: `at ${listed(each)}`, often: false };
  }
  const between = inARow(of)
    ? `from ${two(of[0] ?? 0)}:00 to ${two(of.at(-1) ?? 0)}:59`
    : `in the hours from ${listed(of.map((hour) => `${two(hour)}:00`))}`;
  if ("values" in minutes)
    return {
      text: `${minutes.values.join() === "0" ? "every hour" : `every hour at minute ${at}`} ${between}`,
      often: true,
    };
  return {
    text: `${minutes.every === 1 ? "every minute" : `every ${minutes.every} minutes`} ${between}`,
    often: true,
  };
}

function weekdays(values: number[]): string {
  if (values.join() === "1,2,3,4,5") return "from Monday to Friday";
  if (values.join() === "0,6") return "on Saturday and Sunday";
  // The week ends with Sunday.
  const days = values.toSorted((a, b) => ((a + 6) % 7) - ((b + 6) % 7)).map((day) => DAYS[day] ?? "");
  return days.length === 1 ? `every ${days[0]}` : `on ${listed(days)}`;
}

/** Which days, such as `on the 1st of January and July`; nothing for all of them. */
function days(dom: Said, month: Said, dow: Said): string {
  const months = "values" in month ? listed(month.values.map((n) => MONTHS[n - 1] ?? "")) : "";
  const ofMonth =
    "values" in dom ? `on the ${listed(dom.values.map(nth))} of ${months || "every month"}` : "";
  const ofWeek = "values" in dow && dow.values.length < 7 ? weekdays(dow.values) : "";
  if (ofMonth && ofWeek) return `${ofMonth}, and ${ofWeek}${months ? ` of ${months}` : ""}`;
  if (ofMonth) return ofMonth;
  if (ofWeek) return months ? `${ofWeek} in ${months}` : ofWeek;
  return months ? `every day in ${months}` : "";
}

/** A line of cron in plain words, such as `Every Monday at 06:00`; nothing where there are none for it. */
export function inWords(cron: string): string | undefined {
  const texts = cron.trim().split(/\s+/);
  if (texts.length !== FIELDS.length) return undefined;
  const fields = texts.map((text, at) => said(text, FIELDS[at] as Field));
  const [minutes, hours, dom, month, dow] = fields;
  if (!minutes || !hours || !dom || !month || !dow) return undefined;
  const time = times(minutes, hours);
  const day = days(dom, month, dow);
  const all = time.often ? [time.text, day].filter(Boolean).join(", ") : `${day || "every day"} ${time.text}`;
  return all.charAt(0).toUpperCase() + all.slice(1);
}
