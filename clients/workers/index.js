// A client of the workers' API (docs/workers-api.md). It needs nothing but `fetch`.

const ADDRESS = "http://127.0.0.1:3001";
const TIMEOUT_MS = 30_000;

/** The answer is no: why, under a stable code. */
export class WorkersError extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.error ?? `the workers' API answered with status ${status}`);
    this.name = "WorkersError";
    this.status = status;
    this.code = problem?.code;
    this.hint = problem?.hint;
  }
}

/** Hands tickets to workers, and asks what became of them. */
export class WorkersClient {
  #address;
  #apiKey;
  #timeoutMs;

  constructor(options = {}) {
    const env = globalThis.process?.env ?? {};
    const address = options.url ?? env.WORKERS_API_URL ?? ADDRESS;
    this.#address = `${address.replace(/\/+$/, "")}/api/workers`;
    this.#apiKey = options.apiKey ?? env.WORKERS_API_KEY;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  }

  /** Hands a ticket on; the same ticket again, while it is under way, is the same worker. */
  spawnWorker(ticketId, description, ticketPath) {
    return this.#ask("POST", "/spawn", { ticketId, description, ticketPath });
  }

  /** What a worker is at. */
  getWorkerStatus(workerId) {
    return this.#ask("GET", `/${encodeURIComponent(workerId)}/status`);
  }

  /** All live workers, and those that ended last. */
  getAllWorkers() {
    return this.#ask("GET", "");
  }

  /** Ends a worker; its work and its branch are kept, and the ticket is held. */
  stopWorker(workerId) {
    return this.#ask("DELETE", `/${encodeURIComponent(workerId)}`);
  }

  async #ask(method, path, body) {
    const headers = { Accept: "application/json" };
    if (this.#apiKey) headers.Authorization = `Bearer ${this.#apiKey}`;
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(this.#address + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    if (response.ok) return response.json();
    throw new WorkersError(response.status, await response.json().catch(() => undefined));
  }
}
