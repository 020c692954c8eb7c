/**
 * Names of nodes that are to be looked at: now, in the order in which they came, or at a later time. What is done
 * with them is not decided here.
 */

export class NodeQueue {
  readonly #names = new Set<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #onWake: () => void;

  /** `onWake` is called when a node's time has come. */
  constructor(onWake: () => void) {
    this.#onWake = onWake;
  }

  /** Whether no node is waiting, neither for its turn nor for its time. */
  get isEmpty(): boolean {
    return this.#names.size === 0 && this.#timers.size === 0;
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
    const timer = setTimeout(() => {
      this.add(name);
      this.#onWake();
    }, milliseconds);
    this.#timers.set(name, timer);
  }

  remove(name: string): void {
    this.#forgetTime(name);
    this.#names.delete(name);
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#names.clear();
  }

  #forgetTime(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}
