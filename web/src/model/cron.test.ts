import { expect, it } from "vitest";
import { inWords } from "./cron";

it.each([
  ["0 6 * * 1", "Every Monday at 06:00"],
  ["0 6 1 * *", "On the 1st of every month at 06:00"],
  ["0 6 1 1,7 *", "On the 1st of January and July at 06:00"],
  ["30 5 29 2 *", "On the 29th of February at 05:30"],
  ["*/15 * * * *", "Every 15 minutes"],
  ["* * * * *", "Every minute"],
  ["0 * * * *", "Every hour"],
  ["30 */2 * * *", "Every 2 hours, at minute 30"],
  ["0 6,18 * * *", "Every day at 06:00 and 18:00"],
  ["15 9 * * MON-FRI", "From Monday to Friday at 09:15"],
  ["15 9 * * 0,6", "On Saturday and Sunday at 09:15"],
  ["15 9 * * 7", "Every Sunday at 09:15"],
  ["0 12 13 * fri", "On the 13th of every month, and every Friday at 12:00"],
  ["0 12 * mar-may 3,0", "On Wednesday and Sunday in March, April and May at 12:00"],
  ["*/10 8-18 * * 1-5", "Every 10 minutes from 08:00 to 18:59, from Monday to Friday"],
  ["0 8-18/2 * * *", "Every day at 08:00, 10:00, 12:00, 14:00, 16:00 and 18:00"],
  ["0 */4 1,2,3,11,22 * *", "Every 4 hours, on the 1st, 2nd, 3rd, 11th and 22nd of every month"],
  ["0 3 * 12 *", "Every day in December at 03:00"],
])("%s is: %s", (cron, words) => {
  expect(inWords(cron)).toBe(words);
});

it.each([
  "0 6 * *",
  "0 6 L * *",
  "0 6 * * 1#2",
  "61 6 * * *",
  "0 6 15W * *",
  "0 24 * * *",
  "5/2 1 * * *",
  "nonsense",
])("%s has no words", (cron) => {
  expect(inWords(cron)).toBeUndefined();
});
