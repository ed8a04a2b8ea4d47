import { type ComponentType, lazy } from "react";

/** A component that is loaded when it is first shown. */
export function lazily<N extends string, P>(load: () => Promise<Record<N, ComponentType<P>>>, name: N) {
  return lazy(async () => ({ default: (await load())[name] }));
}
