/**
 * Deadlines: work that is ended by time, or earlier by its caller.
 */
import { abortable } from "./abortable.ts";

/**
 * Runs work with a signal that is aborted when the caller's is, or after some milliseconds with a reason of its own.
 * What the work makes of that is its own concern: it may still answer.
 */
export async function withTimeLimit<T>(
  milliseconds: number,
  reason: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  // Not AbortSignal.any and AbortSignal.timeout: those live until they fire, long after a quick call has ended.
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(() => controller.abort(reason()), milliseconds);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

/** The same, but rejects with that reason at once, whether the work heeds its signal or not. */
export function withDeadline<T>(
  milliseconds: number,
  reason: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  return withTimeLimit(milliseconds, reason, (limited) => abortable(work(limited), limited), signal);
}
