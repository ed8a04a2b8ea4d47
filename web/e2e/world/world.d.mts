export interface Ticket {
  state: string;
  title: string;
  priority: string;
  hints: { text: string; by: string }[];
  permits?: string[];
  commit?: string | null;
  wait: { for: string; text: string; until_us?: number };
  attempts: unknown[];
  records: unknown[];
  questions: { text: string; options: string[] }[];
  labels: string[];
  [field: string]: unknown;
}

export declare const freePort: () => Promise<number>;

export declare class World {
  readonly root: string;
  readonly port: number;
  readonly repo: string;
  /** Types of events that a webhook was told of. */
  readonly told: string[];
  readonly env: Record<string, string | undefined>;
  static begin(files?: Record<string, string>, config?: (world: World) => Promise<string>): Promise<World>;
  write(path: string, text: string): void;
  git(...args: string[]): string;
  run(...args: string[]): string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the daemon answers
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<any>;
  start(): void;
  kill(): Promise<void>;
  end(): Promise<void>;
  link(role?: string): Promise<string>;
  add(title: string, body: string, more?: object): Promise<string>;
  plan(goal: string, more?: object): Promise<string>;
  ticket(key: string): Promise<Ticket>;
  act(key: string, verb: string, body?: unknown): Promise<unknown>;
  clear(): Promise<void>;
  wake(): void;
  until(key: string, holds: string | ((ticket: Ticket) => boolean), meanwhile?: () => void): Promise<Ticket>;
}
