import { expect, it } from "vitest";
import { isName, readFrom, type Schedule, written } from "./schedules";

const SCHEDULE: Schedule = {
  name: "licences",
  cron: "0 6 1 * *",
  timezone: "UTC",
  title: "Look at the licences",
  body: "",
  file: "",
  agent: "",
  priority: "medium",
  labels: [],
  enabled: true,
};

it("what is as it would be anyway is left out", () => {
  expect(written(SCHEDULE)).toBe(
    '[schedules.licences]\ncron = "0 6 1 * *"\ntitle = "Look at the licences"\n',
  );
});

it("what is written is read as it was meant", () => {
  const full: Schedule = {
    ...SCHEDULE,
    timezone: "Europe/Berlin",
    title: 'Say "why"\tnot',
    body: 'C:\\new\n\n"""quoted""""\nend\n',
    agent: "keeper",
    priority: "low",
    labels: ["chore", 'a "b"'],
    enabled: false,
  };
  expect(readFrom(written(full), "licences")).toEqual(full);
  const file = { ...SCHEDULE, title: "", file: "chores/licences.md" };
  expect(readFrom(`version = 1\n${written(file)}`, "licences")).toEqual(file);
  expect(readFrom("version = 1", "licences")).toBeUndefined();
});

it("names are those of keys", () => {
  expect(["dependencies", "a-1", "A b", "", "-x"].map(isName)).toEqual([true, true, false, false, false]);
});
