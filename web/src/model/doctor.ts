// What was found of a machine: what does not work first, and all of it in a line.

import type { CheckUp, Finding } from "../api";
import { count } from "./amount";
import type { Tone } from "./states";

const RANK: Record<Finding["health"], number> = { bad: 0, fair: 1, good: 2 };

export const HEALTH: Record<Finding["health"], { word: string; tone: Tone; mark: string }> = {
  bad: { word: "does not work", tone: "bad", mark: "escalated" },
  fair: { word: "worth knowing", tone: "attention", mark: "silent" },
  good: { word: "good", tone: "good", mark: "landed" },
};

/** Among equals, in the order in which they were looked at. */
export const worstFirst = (findings: Finding[]): Finding[] =>
  findings.toSorted((a, b) => RANK[a.health] - RANK[b.health]);

/** All of it in a line. */
export function inShort({ findings }: CheckUp): string {
  const are = (health: Finding["health"]) => findings.filter((each) => each.health === health).length;
  const [bad, fair] = [are("bad"), are("fair")];
  const looked = `${count(findings.length, "thing")} looked at`;
  if (bad + fair === 0) return `${looked}: all is well`;
  const parts = [
    bad > 0 && `${bad} ${bad === 1 ? "does" : "do"} not work`,
    fair > 0 && `${fair} worth knowing`,
  ];
  return `${looked}: ${parts.filter(Boolean).join(", ")}`;
}
