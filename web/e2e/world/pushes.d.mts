import type { IncomingHttpHeaders } from "node:http";

export interface Push {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Message {
  title: string;
  body: string;
  url: string;
  tag: string;
}

export declare class Pushes {
  readonly got: Push[];
  readonly origin: string;
  readonly subscription: { endpoint: string; keys: { p256dh: string; auth: string } };
  static begin(): Promise<Pushes>;
  end(): void;
  messages(): Message[];
  claims(push: Push, publicKey: string): { aud: string; exp: number; sub: string };
}
