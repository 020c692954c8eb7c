/**
 * The pulls that are under way, by their nodes. What starts and ends them is elsewhere.
 */

export interface UnderWay {
  readonly node: string;
  /** What is pulled: `registry/repository:tag@digest`. */
  readonly reference: string;
  readonly digest: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** It has taken too long; it goes on, but nobody waits for it. */
  isStuck: boolean;
}

export class PullsUnderWay {
  readonly #pulls = new Set<UnderWay>();
  readonly #ofNode = new Map<string, number>();
  #stuck = 0;

  /** How many are waited for: all but the stuck ones. */
  get active(): number {
    return this.#pulls.size - this.#stuck;
  }

  get all(): readonly UnderWay[] {
    return [...this.#pulls];
  }

  /** Whether the node has one, stuck or not. */
  isBusy(node: string): boolean {
    return this.#ofNode.has(node);
  }

  /** Whether that very image is being pulled there. */
  has(node: string, digest: string): boolean {
    if (!this.#ofNode.has(node)) return false;
    return this.all.some((pull) => pull.node === node && pull.digest === digest);
  }

  add(pull: UnderWay): void {
    this.#pulls.add(pull);
    this.#ofNode.set(pull.node, (this.#ofNode.get(pull.node) ?? 0) + 1);
    if (pull.isStuck) this.#stuck += 1;
  }

  setStuck(pull: UnderWay): void {
    if (!this.#pulls.has(pull) || pull.isStuck) return;
    pull.isStuck = true;
    this.#stuck += 1;
  }

  remove(pull: UnderWay): void {
    if (!this.#pulls.delete(pull)) return;
    if (pull.isStuck) this.#stuck -= 1;
    const others = (this.#ofNode.get(pull.node) ?? 1) - 1;
    if (others === 0) this.#ofNode.delete(pull.node);
    else this.#ofNode.set(pull.node, others);
  }
}
