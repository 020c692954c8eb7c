/**
 * A limit on how often something begins: at most so many times in any second, in the order in which it was asked for,
 * but what is urgent first. How many are under way at once is not looked at.
 *
 * Not a bucket that fills up while nothing is asked: emptied in the middle of a second, that would let through up to
 * twice as many within a second as the limit says. Nor a second's share in one go: see below.
 */
import type { Clock } from "./clock.ts";

interface Waiting {
  readonly go: () => void;
  readonly isUrgent: boolean;
}

// A second's share in one go would arrive together with some of the next second's: what begins 1,000 ms later may be
// on the way for a few milliseconds less.
const slices = 20;
const slackSecond = 1_060;

export class Pacing {
  /** So many may begin within so many milliseconds. */
  readonly #atOnce: number;
  readonly #duringMs: number;
  readonly #clock: Clock;
  readonly #queue = new Set<Waiting>();
  /** When the last ones began, oldest first; as many as may begin at once. */
  #begun: number[] = [];
  #isServing = false;

  constructor(perSecond: number, clock: Clock) {
    this.#atOnce = Math.max(1, Math.floor(perSecond / slices));
    this.#duringMs = (slackSecond * this.#atOnce) / perSecond;
    this.#clock = clock;
  }

  /** Settles when it is one's turn. Rejects with the signal's reason; the turn is then another's. */
  turn(signal: AbortSignal, isUrgent = false): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const abort = () => {
        this.#queue.delete(waiting);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
      const waiting: Waiting = { go, isUrgent };
      signal.addEventListener("abort", abort, { once: true });
      this.#queue.add(waiting);
      if (!this.#isServing) void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    while (this.#queue.size > 0) {
      const wait = this.#waitMs();
      // Not the signal of who waits first: who is first may change meanwhile.
      if (wait > 0) await this.#clock.sleep(wait, unending);
      else this.#serveNext();
    }
    this.#isServing = false;
  }

  #waitMs(): number {
    const now = this.#clock.now();
    // A clock that was set back knows nothing of when they began: as if it had been just now.
    if ((this.#begun.at(-1) ?? now) > now) this.#begun = this.#begun.map(() => now);
    const [oldest = 0] = this.#begun;
    return this.#begun.length < this.#atOnce ? 0 : oldest + this.#duringMs - now;
  }

  #serveNext(): void {
    const [first] = this.#queue;
    const next = [...this.#queue].find(({ isUrgent }) => isUrgent) ?? first;
    if (!next) return;
    this.#queue.delete(next);
    if (this.#begun.length >= this.#atOnce) this.#begun.shift();
    this.#begun.push(this.#clock.now());
    next.go();
  }
}

const unending = new AbortController().signal;
