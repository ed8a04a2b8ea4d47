// The client: every route of the daemon, typed, with its refusals as errors.

import createFetchClient, { type Middleware } from "openapi-fetch";
import type { Paths } from "./coming";
import type { Problem } from "./types";

/** The daemon understood, and says no. `problem.code` is stable. */
export class Refused extends Error {
  override name = "Refused";

  constructor(readonly problem: Problem) {
    super(problem.detail);
  }

  get code(): string {
    return this.problem.code;
  }
}

/** No answer came: whether a wish was carried out is not known. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

export interface ClientOptions {
  /** Where the daemon is, such as `http://127.0.0.1:3001`; the page's own origin when absent. */
  baseUrl?: string;
  /** An API token; a browser has a cookie instead. */
  token?: string;
  fetch?: (request: Request) => Promise<Response>;
}

const MUTATIONS = new Set(["POST", "PUT", "PATCH", "DELETE"]);
/** How often a wish is sent again whose answer did not arrive. */
const REPEATS_MAX = 2;
const REPEAT_AFTER_MS = 400;

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/**
 * Sends a wish again when its answer got lost. Each has a key, so that it is carried out once
 * however often it is sent.
 */
async function patient(send: (request: Request) => Promise<Response>, request: Request): Promise<Response> {
  const repeatable = request.headers.has("idempotency-key");
  for (let repeats = 0; ; repeats += 1) {
    try {
      return await send(request.clone());
    } catch (error) {
      if (request.signal.aborted) throw error;
      if (!repeatable || repeats === REPEATS_MAX)
        throw new Unreachable("the daemon does not answer", { cause: error });
      await pause(REPEAT_AFTER_MS * (repeats + 1));
    }
  }
}

function problemOf(response: Response, text: string): Problem {
  try {
    const problem = JSON.parse(text) as Problem;
    if (typeof problem.code === "string") return problem;
  } catch {
    // Something between here and the daemon answered.
  }
  const title = response.statusText || "refused";
  return {
    type: "about:blank",
    code: "unknown",
    status: response.status,
    title,
    detail: text.slice(0, 200) || title,
  };
}

function ours(token?: string): Middleware {
  return {
    onRequest({ request }) {
      if (token) request.headers.set("authorization", `Bearer ${token}`);
      if (MUTATIONS.has(request.method) && !request.headers.has("idempotency-key")) {
        request.headers.set("idempotency-key", crypto.randomUUID());
      }
      return request;
    },
    async onResponse({ response }) {
      if (response.ok) return;
      throw new Refused(problemOf(response, await response.text()));
    },
  };
}

/** A client of one daemon. */
export function createClient(options: ClientOptions = {}) {
  const send = options.fetch ?? ((request: Request) => fetch(request));
  const client = createFetchClient<Paths>({
    baseUrl: options.baseUrl ?? globalThis.location?.origin ?? "http://127.0.0.1:3001",
    fetch: (request) => patient(send, request),
  });
  client.use(ours(options.token));
  return client;
}

export type Client = ReturnType<typeof createClient>;

/** What an answer carries. Refusals were thrown before. */
export async function given<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  return data as T;
}
