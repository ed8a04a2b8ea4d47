// What a role may: the same words as in docs/http.md. The daemon decides; here it is only said beforehand.

export type Role = "L0" | "L1" | "L2" | "L3";

export const ROLES: Record<Role, { word: string; may: string }> = {
  L0: { word: "viewer", may: "looks at everything" },
  L1: { word: "operator", may: "adds, answers, retries, stops" },
  L2: { word: "maintainer", may: "approves, rejects, permits" },
  L3: { word: "admin", may: "adds projects and tokens" },
};

const article = (word: string) => `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;

/** Why who has one role may not do what needs another one; `null` if they may. */
export function whyNotAllowed(has: string, needs: Role): string | null {
  if (has >= needs) return null;
  const own = has in ROLES ? article(ROLES[has as Role].word) : has;
  return `You are ${own} here: this needs ${article(ROLES[needs].word)} (${needs}).`;
}
