/**
 * Bounded concurrency: at most so many pieces of work at once; the others wait their turn, first come first served.
 */
import { abortable } from "./abortable.ts";

export class Limiter {
  readonly #max: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** Runs the work when there is room. Waiting ends at once, and the work never starts, when the signal is aborted. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (this.#running < this.#max) this.#running += 1;
    else await this.#turn(signal);
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    let start = () => {};
    const turn = new Promise<void>((resolve) => {
      start = resolve;
    });
    this.#waiting.push(start);
    try {
      await abortable(turn, signal);
    } catch (error) {
      // Both may happen in the same moment: a turn that nobody takes goes to the next.
      const index = this.#waiting.indexOf(start);
      if (index < 0) this.#pass();
      else this.#waiting.splice(index, 1);
      throw error;
    }
  }

  /** Hands the place to the one who has waited longest, or frees it. */
  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
