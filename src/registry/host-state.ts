/**
 * Hosts that want to be left alone. One state per host for the whole process: sources of the same registry wait
 * together.
 */
import { type BackOff, backOffMs } from "../async/back-off.ts";
import type { Clock } from "../async/clock.ts";
import { DomainError } from "../domain/errors.ts";

interface Refusal {
  readonly error: DomainError;
  /** When the request was sent. */
  readonly askedAt: number;
  /** For how long, if the answer says so. */
  readonly ms: number | undefined;
}

export class HostState {
  /** The page size that the host was seen to take; 0: none at all. */
  pageSize: number | undefined;
  #until = 0;
  #because: DomainError | undefined;
  #refusals = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;

  /** Milliseconds for which the host is still to be left alone. */
  remaining(clock: Clock): number {
    return Math.max(0, this.#until - clock.now());
  }

  /** A 429, or any answer that says when to come back: nobody asks before. */
  leaveAlone({ error, askedAt, ms }: Refusal, backOff: BackOff, clock: Clock): void {
    // Those who had asked before the last refusal came tell nothing new, unless they say for how long.
    const known = askedAt <= this.#refusedAt;
    if (known && ms === undefined) return;
    if (!known) this.#refusals += 1;
    this.#refusedAt = clock.now();
    const until = clock.now() + (ms ?? backOffMs(backOff, this.#refusals, clock.random()));
    if (until <= this.#until) return;
    this.#until = until;
    this.#because = error;
  }

  /** An answer that is no refusal. */
  answered(clock: Clock): void {
    if (this.remaining(clock) === 0) this.#refusals = 0;
  }

  /** Fails, without waiting, where the host is to be left alone until after the deadline. */
  check(deadlineAt: number, clock: Clock): void {
    const wait = this.remaining(clock);
    if (clock.now() + wait < deadlineAt || wait === 0) return;
    throw new DomainError(
      this.#because?.fault ?? "registry_rate_limited",
      `${this.#because?.message ?? "the registry"}; it is left alone for another ${Math.ceil(wait / 1000)} s`,
      { retryAfterMs: wait, cause: this.#because },
    );
  }

  /** Waits until the host may be asked, a little longer each, so that not all come at once. */
  async ready(deadlineAt: number, clock: Clock, signal: AbortSignal): Promise<void> {
    for (let wait = this.remaining(clock); wait > 0; wait = this.remaining(clock)) {
      this.check(deadlineAt, clock);
      await clock.sleep(wait + clock.random() * Math.min(wait, maxJitterMs), signal);
    }
  }
}

const maxJitterMs = 1_000;

/** The hosts by their origin. There are as many as are configured. */
export class Hosts {
  readonly #states = new Map<string, HostState>();

  of(origin: string): HostState {
    const state = this.#states.get(origin) ?? new HostState();
    this.#states.set(origin, state);
    return state;
  }
}
