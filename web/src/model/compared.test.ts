import { describe, expect, it } from "vitest";
import type { AttemptView, Diff } from "../api";
import { comparable, isWhole, readCompared, remarkedOn, writeCompared } from "./compared";

const LAST = "shop.SHOP-1.a4";
const attempt = (job: string, commit: string | null) => ({ job, commit }) as AttemptView;

describe("what is compared", () => {
  it("stands in the address, beside what else stands there", () => {
    const asked = new URLSearchParams("project=shop&attempt=a2&since=a1&blanks=off");
    const compared = readCompared(asked, LAST);
    expect(compared).toEqual({ attempt: "a2", since: "a1", blanks: false });
    expect(writeCompared(new URLSearchParams("project=shop"), compared).toString()).toBe(asked.toString());
    expect(writeCompared(asked, { blanks: true }).toString()).toBe("project=shop");
  });

  it("is everything that the last attempt changed, whether it is named or not", () => {
    for (const address of ["", "attempt=a4", "attempt=&since=", "blanks=on"])
      expect(isWhole(readCompared(new URLSearchParams(address), LAST)), address).toBe(true);
    for (const address of ["attempt=a1", "since=a1", "blanks=off"])
      expect(isWhole(readCompared(new URLSearchParams(address), LAST)), address).toBe(false);
  });

  it("is an attempt that left a commit, and one before it", () => {
    const attempts = [1, 2, 3, 4].map((n) => attempt(`shop.SHOP-1.a${n}`, n === 2 ? null : `c${n}`));
    const names = (of: Parameters<typeof comparable>[1]) => {
      const { left, earlier } = comparable(attempts, of, LAST);
      return [left, earlier].map((all) => all.map(({ job }) => job.slice(-2)).join(" "));
    };
    expect(names({ blanks: true })).toEqual(["a1 a3 a4", "a1 a3"]);
    expect(names({ attempt: "a3", blanks: true })).toEqual(["a1 a3 a4", "a1"]);
    expect(names({ attempt: "a9", blanks: true })).toEqual(["a1 a3 a4", ""]);
  });

  it("is remarked on where the next attempt would find the line", () => {
    const whole = { base: "b", commit: "c4" } as Diff;
    expect(remarkedOn(whole, whole)).toBe("both");
    expect(remarkedOn({ ...whole, since: "shop.SHOP-1.a1" }, whole)).toBe("new");
    expect(remarkedOn({ ...whole, commit: "c1" }, whole)).toBe("none");
  });
});
