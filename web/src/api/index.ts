// The typed client of Gangline. It needs nothing of the dashboard.

export * from "./client";
export * from "./cursor";
export * from "./live";
export type { paths } from "./schema";
export * from "./types";
