import { expect, it } from "vitest";
import { deviceName, type Here, STANDINGS, type Standing, standing } from "./push";

const able: Here = { trusted: true, able: true, permission: "granted", id: "a" };

it("knows how a browser stands, and says what helps", () => {
  const cases: [Standing, Partial<Here>, boolean, string[]][] = [
    ["on", {}, true, ["b", "a"]],
    ["off", {}, true, ["b"]],
    ["off", { id: null }, true, []],
    ["off", { permission: "default" }, true, ["a"]],
    ["blocked", { permission: "denied" }, true, ["a"]],
    ["unable", { able: false, permission: "denied" }, true, []],
    ["untrusted", { trusted: false, able: false }, true, []],
    ["refused", { trusted: false }, false, ["a"]],
  ];
  for (const [expected, here, enabled, told] of cases)
    expect(standing({ ...able, ...here }, enabled, told), JSON.stringify(here)).toBe(expected);
  expect(new Set(cases.map(([each]) => each)).size).toBe(Object.keys(STANDINGS).length);
});

it("calls a device by its browser and its system", () => {
  const told = [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "",
  ].map(deviceName);
  expect(told).toEqual([
    "Chrome on Linux",
    "Edge on Windows",
    "Firefox on Android",
    "Safari on iPhone",
    "Safari on a Mac",
    "A browser",
  ]);
});
