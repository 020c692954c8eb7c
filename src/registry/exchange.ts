/** A request to a host, and what it answered. Values only: `transport.ts` makes one of the other. */
import type { Headers } from "./headers.ts";

export interface Exchange {
  readonly method: "GET" | "HEAD" | "POST";
  /** `https://registry.example.org`. */
  readonly origin: string;
  /** Path and query string, sent as they are. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  /** The largest body of an answer that is a success. */
  readonly maxBytes: number;
}

/** What was asked of whom, for messages: without the query string, which may hold a secret. */
export function describeExchange({
  method,
  origin,
  path,
}: Pick<Exchange, "method" | "origin" | "path">): string {
  return `${method} ${path.split("?", 1)[0]} at ${new URL(origin).host}`;
}

export interface Answer {
  readonly exchange: Exchange;
  readonly status: number;
  readonly headers: Headers;
  /** Empty where an answer that is no success has a body over its limit: its status says enough. */
  readonly body: Buffer;
}
