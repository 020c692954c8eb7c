/**
 * How many requests are left, as Docker Hub tells in every answer: `100;w=21600` is a hundred in six hours. A
 * registry that tells nothing has no limit that we know of.
 */
import { type Headers, header } from "./headers.ts";

export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds that the limit is for. */
  readonly window: number | undefined;
  /** Whose requests are counted: an address or an account. */
  readonly source: string | undefined;
}

export function rateLimit(headers: Headers): RateLimit | undefined {
  const limit = read(headers, "ratelimit-limit");
  const remaining = read(headers, "ratelimit-remaining");
  if (remaining === undefined) return undefined;
  const source = header(headers, "docker-ratelimit-source");
  return {
    limit: limit?.count ?? remaining.count,
    remaining: remaining.count,
    window: limit?.window ?? remaining.window,
    source,
  };
}

function read(headers: Headers, name: string): { count: number; window: number | undefined } | undefined {
  const match = /^\s*(\d{1,9})\s*(?:;\s*w=(\d{1,9}))?/.exec(header(headers, name) ?? "");
  if (match === null) return undefined;
  return { count: Number(match[1]), window: match[2] === undefined ? undefined : Number(match[2]) };
}
