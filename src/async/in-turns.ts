/**
 * Runs long computations in turns, so that the process answers calls in between.
 */
import { setImmediate } from "node:timers/promises";

/** How long others wait at most, in milliseconds, apart from what one step takes. */
const turnMs = 5;

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
