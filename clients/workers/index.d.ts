/** Where the workers' API is, and who asks. */
export interface WorkersClientOptions {
  /** Such as `http://crew.flycast:3001`; `WORKERS_API_URL`, else this machine, when absent. */
  url?: string;
  /** A token or a JWT, where `seed_api.auth` wants one; `WORKERS_API_KEY` when absent. */
  apiKey?: string;
  /** How long an answer may take, in milliseconds; 30,000 when absent. */
  timeoutMs?: number;
}

export interface SpawnedWorker {
  /** Such as `worker-17`: the ticket's run, over all its attempts. */
  workerId: string;
  status: "spawned";
  /** Where it works, or will. */
  worktreePath: string;
}

export interface WorkerStatus {
  workerId: string;
  ticketId: string;
  status: "spawned" | "running" | "completed" | "failed";
  /** What it is at. */
  currentTask?: string;
  branch: string;
  worktreePath: string;
  /** In the form of RFC 3339. */
  startedAt: string;
  completedAt?: string;
  /** Why it failed. */
  error?: string;
}

/** The answer is no: why, under a stable code. */
export declare class WorkersError extends Error {
  /** The status of the HTTP answer. */
  readonly status: number;
  readonly code?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** Hands tickets to workers, and asks what became of them. Each method may throw a WorkersError. */
export declare class WorkersClient {
  constructor(options?: WorkersClientOptions);
  spawnWorker(ticketId: string, description: string, ticketPath: string): Promise<SpawnedWorker>;
  getWorkerStatus(workerId: string): Promise<WorkerStatus>;
  getAllWorkers(): Promise<{ workers: WorkerStatus[] }>;
  stopWorker(workerId: string): Promise<{ status: "terminated" }>;
}
