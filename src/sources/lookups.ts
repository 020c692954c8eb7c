/**
 * Lookups on demand: the digest of one tag, asked of the registry and kept for a while, so that a thousand people
 * who ask for the same tag cost one request (behaviour 7).
 *
 * Knows tags and digests only, neither images nor snapshots.
 */
import { LRUCache } from "lru-cache";
import { withDeadline } from "../async/deadline.ts";
import { SingleFlight } from "../async/single-flight.ts";
import { DomainError, isFault } from "../domain/errors.ts";

/** Asks the registry; fails with `unknown_image` where it has no such tag. */
type Resolve = (tag: string, signal: AbortSignal) => Promise<string>;

/** "Not found" is kept for less, in milliseconds: a tag may be about to appear. */
const notFoundTtl = 5_000;
/** The longest that anybody waits for the registry, in milliseconds. */
const deadline = 10_000;
/** Different tags that may be waited for at once; beyond that callers are told to come back. */
const maxWaiting = 100;
/** When to come back: some lookups will have ended by then. */
const retryAfterMs = 1_000;
/** Kept answers of one source: far more than people choose from in `resolveTtl`. */
const maxKept = 10_000;

type Outcome = { readonly digest: string } | { readonly notFound: DomainError };

export class Lookups {
  readonly #resolve: Resolve;
  readonly #resolveTtl: number;
  readonly #kept = new LRUCache<string, Outcome>({ max: maxKept, perf: performance });
  readonly #waiting = new SingleFlight<string>();
  /** Counts the updates: what was asked before one is not kept after it. */
  #generation = 0;

  /** `resolveTtl` is how long an answer is kept, in milliseconds; 0: not. */
  constructor(resolve: Resolve, resolveTtl: number) {
    this.#resolve = resolve;
    this.#resolveTtl = resolveTtl;
  }

  /**
   * The digest of a tag, kept or asked for now. With `wanted`, a kept answer counts only where it is this digest: a
   * tag that has moved or come back meanwhile is asked about again. Fails as the registry does, or with `overloaded`.
   */
  async digest(tag: string, wanted: string | undefined, signal: AbortSignal): Promise<string> {
    const kept = this.#kept.get(tag);
    if (kept && "digest" in kept && (wanted === undefined || kept.digest === wanted)) return kept.digest;
    if (kept && "notFound" in kept && wanted === undefined) throw kept.notFound;
    if (this.#waiting.size >= maxWaiting && !this.#waiting.has(tag)) {
      const message = `${maxWaiting} other tags wait for the registry already`;
      throw new DomainError("overloaded", message, { retryAfterMs });
    }
    return this.#waiting.run(tag, (shared) => this.#ask(tag, shared), signal);
  }

  /** Forgets what is kept: a listing has been read. What is being asked now will not be kept either. */
  clear(): void {
    this.#generation += 1;
    this.#kept.clear();
  }

  async #ask(tag: string, signal: AbortSignal): Promise<string> {
    const generation = this.#generation;
    const keep = (outcome: Outcome, ttl: number) => {
      if (ttl > 0 && generation === this.#generation) this.#kept.set(tag, outcome, { ttl });
    };
    const late = () =>
      new DomainError("registry_unavailable", `the registry said nothing of ${tag} in ${deadline / 1000} s`);
    try {
      const digest = await withDeadline(deadline, late, (limited) => this.#resolve(tag, limited), signal);
      keep({ digest }, this.#resolveTtl);
      return digest;
    } catch (error) {
      if (isFault(error, "unknown_image")) keep({ notFound: error }, Math.min(notFoundTtl, this.#resolveTtl));
      throw error;
    }
  }
}
