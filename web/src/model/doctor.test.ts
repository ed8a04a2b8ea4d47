import { describe, expect, it } from "vitest";
import type { Finding } from "../api";
import { inShort, worstFirst } from "./doctor";

const finding = (health: Finding["health"], what: string): Finding => ({ health, what, found: "so" });

describe("what was found of a machine", () => {
  const findings = [
    finding("good", "git"),
    finding("fair", "disk"),
    finding("bad", "webhook"),
    finding("good", "daemon"),
    finding("bad", "claude"),
  ];

  it("has what does not work first, otherwise as it was looked at", () => {
    expect(worstFirst(findings).map(({ what }) => what)).toEqual([
      "webhook",
      "claude",
      "disk",
      "git",
      "daemon",
    ]);
  });

  it("is told in a line", () => {
    const told = (some: Finding[]) => inShort({ healthy: false, findings: some });
    expect(told(findings)).toBe("5 things looked at: 2 do not work, 1 worth knowing");
    expect(told(findings.slice(0, 3))).toBe("3 things looked at: 1 does not work, 1 worth knowing");
    expect(told(findings.slice(1, 2))).toBe("1 thing looked at: 1 worth knowing");
    expect(told(findings.slice(0, 1))).toBe("1 thing looked at: all is well");
  });
});
