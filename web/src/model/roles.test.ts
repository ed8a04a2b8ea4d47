import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ACTS, type Act } from "./acts";
import { whyNotAllowed } from "./roles";

const { paths } = JSON.parse(readFileSync("../docs/openapi.json", "utf8")) as {
  paths: Record<string, { [method in "post" | "patch"]?: { "x-gangline-role": string } }>;
};

it("asks for the role that the daemon asks for", () => {
  for (const act of Object.keys(ACTS) as Act[]) {
    const ticket = "/api/v1/projects/{project}/tickets/{key}";
    const route = act === "edit" ? paths[ticket]?.patch : paths[`${ticket}/${act}`]?.post;
    expect(ACTS[act].needs, act).toBe(route?.["x-gangline-role"] ?? "L0");
  }
});

it("says why something is not offered", () => {
  expect(whyNotAllowed("L2", "L1")).toBeNull();
  expect(whyNotAllowed("L0", "L1")).toBe("You are a viewer here: this needs an operator (L1).");
  expect(whyNotAllowed("L1", "L3")).toBe("You are an operator here: this needs an admin (L3).");
});
