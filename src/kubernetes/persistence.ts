/**
 * Requests that are made again when they failed for a moment. Only for those that may be made twice: what is created has
 * a name that is there only once, what is deleted has a UID, what is updated has a version.
 */
import { type BackOff, backOffMs } from "../async/back-off.ts";
import type { Clock } from "../async/clock.ts";
import { ClusterError } from "./cluster.ts";

const attempts = 5;
const backOff: BackOff = { firstMs: 500, maxMs: 5_000 };

/** Whether asking again in a moment may help. */
export function isPassing(error: unknown): error is ClusterError {
  if (!(error instanceof ClusterError)) return false;
  const { status, reason } = error;
  // A conflict that is not about us: the quota was counted by two requests at once.
  return [0, 408, 429, 500, 502, 503, 504].includes(status) || (status === 409 && reason === "Conflict");
}

/** Tries five times at most. Fails as the last attempt did. */
export async function persistently<T>(work: () => Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error) || failures === attempts) throw error;
      await clock.sleep(waitMs(error, failures, clock, backOff), signal);
    }
  }
}

/** How long to wait after so many failures: as asked for, and somewhat more, lest all come back at once. */
export function waitMs(error: unknown, failures: number, clock: Clock, by: BackOff): number {
  const asked = error instanceof ClusterError ? (error.retryAfterMs ?? 0) : 0;
  return asked + backOffMs(by, failures, clock.random());
}
