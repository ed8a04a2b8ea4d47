import { expect, it } from "vitest";
import { changes, type Edited } from "./edited";

const before: Edited = {
  title: "Sort prices",
  body: "Up.",
  priority: "medium",
  agent: "",
  labels: "cart, prices",
  depends: "",
  scope: "src/**",
};

it("sends what is otherwise, and nothing else", () => {
  expect(changes(before, { ...before, title: " Sort prices ", labels: "cart,  prices" })).toEqual({});
  expect(changes(before, { ...before, priority: "high", labels: "", depends: "SHOP-1, SHOP-2" })).toEqual({
    priority: "high",
    labels: [],
    depends_on: ["SHOP-1", "SHOP-2"],
  });
  expect(
    changes(before, { ...before, title: "Sort", body: "", agent: "careful", scope: "src/a, src/b" }),
  ).toEqual({
    title: "Sort",
    body: "",
    agent: "careful",
    scope: ["src/a", "src/b"],
  });
});
