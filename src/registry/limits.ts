/**
 * How long a registry may take and how much it may send. A body over its limit is an error, never cut off: half a
 * list looks like a whole one.
 */
import type { BackOff } from "../async/back-off.ts";

export interface Limits {
  /** Of one page of tags, with its retries. */
  readonly pageDeadlineMs: number;
  /** Of one tag's digest, with its retries: as long as a lookup may take. */
  readonly resolveDeadlineMs: number;
  /** Of one token request. */
  readonly tokenDeadlineMs: number;
  /** Until the connection stands. */
  readonly connectMs: number;
  /** From the request to the answer's headers. */
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly idleMs: number;
  /** Retries of one call, whatever fails in it: request, token, redirect. */
  readonly retries: number;
  readonly backOff: BackOff;
  /** Tags asked for in one page. */
  readonly pageSize: number;
  readonly pageBytes: number;
  readonly manifestBytes: number;
  readonly tokenBytes: number;
  readonly errorBytes: number;
}

export const defaultLimits: Limits = {
  // Registries that build a page of a large repository on the fly have been seen to take half a minute.
  pageDeadlineMs: 60_000,
  resolveDeadlineMs: 10_000,
  tokenDeadlineMs: 10_000,
  connectMs: 5_000,
  headersMs: 30_000,
  idleMs: 15_000,
  // With the back-off below some 3.5 s at most: a restart of the registry, no outage.
  retries: 3,
  backOff: { firstMs: 500, maxMs: 10_000 },
  // Some registries refuse more, and more would not save much.
  pageSize: 1_000,
  // What 200,000 tags of 128 characters take, for registries that answer with all at once.
  pageBytes: 32 * 1024 * 1024,
  // The limit that registries themselves set.
  manifestBytes: 4 * 1024 * 1024,
  tokenBytes: 256 * 1024,
  errorBytes: 64 * 1024,
};
