/**
 * Runs long computations in turns, so that the process answers calls in between.
 */
import { setImmediate } from "node:timers/promises";

/**
 * How long others wait at most for their turn, in milliseconds, apart from what one step takes. A call over gRPC takes some
 * five turns until it is answered.
 */
const turnMs = 2;

/** What the steps return. Steps are run for a few milliseconds, then everybody else has a turn. */
export async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  for (;;) {
    const end = performance.now() + turnMs;
    while (performance.now() < end) {
      const { done, value } = steps.next();
      if (done) return value;
    }
    await setImmediate();
  }
}
