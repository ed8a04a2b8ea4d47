// The typed client of Gangline. It needs nothing of the dashboard.

export * from "./client";
export type { paths } from "./schema";
export * from "./cursor";
export * from "./live";
export * from "./types";
