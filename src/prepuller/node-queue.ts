/**
 * Names of nodes that are to be looked at: now, in the order in which they came, or at a later time. What is done
 * with them is not decided here.
 */

import type { Clock } from "../async/clock.ts";

export class NodeQueue {
  readonly #names = new Set<string>();
  /** What ends the wait for a node's time. */
  readonly #waits = new Map<string, AbortController>();
  readonly #clock: Clock;
  readonly #onWake: () => void;

  /** `onWake` is called when a node's time has come. */
  constructor(clock: Clock, onWake: () => void) {
    this.#clock = clock;
    this.#onWake = onWake;
  }

  /** Whether no node is waiting, neither for its turn nor for its time. */
  get isEmpty(): boolean {
    return this.#names.size === 0 && this.#waits.size === 0;
  }

  /** Each once, at the end. */
  add(name: string): void {
    this.#forgetTime(name);
    this.#names.add(name);
  }

  /** The one that has waited longest, which is then no longer in the queue. */
  next(): string | undefined {
    const [name] = this.#names;
    if (name !== undefined) this.#names.delete(name);
    return name;
  }

  /** Adds it after some time, instead of any time that was said before. */
  addLater(name: string, milliseconds: number): void {
    this.#forgetTime(name);
    const ending = new AbortController();
    this.#waits.set(name, ending);
    this.#clock.sleep(milliseconds, ending.signal).then(
      () => {
        if (this.#waits.get(name) !== ending) return; // another time was said just now
        this.add(name);
        this.#onWake();
      },
      () => {}, // another time was said
    );
  }

  remove(name: string): void {
    this.#forgetTime(name);
    this.#names.delete(name);
  }

  clear(): void {
    for (const name of [...this.#waits.keys()]) this.#forgetTime(name);
    this.#names.clear();
  }

  #forgetTime(name: string): void {
    this.#waits.get(name)?.abort(new Error("another time was said"));
    this.#waits.delete(name);
  }
}
