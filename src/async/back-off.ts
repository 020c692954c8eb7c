/**
 * How long to wait after a failure: exponential back-off with full jitter, so that those who failed together do not
 * come back together.
 */

export interface BackOff {
  /** The longest wait after the first failure, in milliseconds; each further failure doubles it. */
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Milliseconds to wait after so many failures in a row (1 or more). `random` is from 0 up to 1. */
export function backOffMs({ firstMs, maxMs }: BackOff, failures: number, random: number): number {
  return Math.min(maxMs, firstMs * 2 ** (failures - 1)) * random;
}
