import type { components, paths } from "./schema";

type Nothing = { parameters: { path?: never; query?: never; header?: never; cookie?: never } };
type Answers<T> = {
  responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": T } } };
};
type AboutNode = Nothing & {
  post: Answers<components["schemas"]["Done"]> & {
    parameters: { path: { node: string } };
    requestBody?: never;
  };
};

export type Drainable = { draining?: boolean };

export interface Finding {
  health: "good" | "fair" | "bad";
  what: string;
  found: string;
  next?: string | null;
}

export interface CheckUp {
  healthy: boolean;
  findings: Finding[];
}

export type Paths = paths & {
  "/api/v1/nodes/{node}/drain": AboutNode;
  "/api/v1/nodes/{node}/resume": AboutNode;
  "/api/v1/doctor": Nothing & { get: Answers<CheckUp> & { parameters: object; requestBody?: never } };
};
