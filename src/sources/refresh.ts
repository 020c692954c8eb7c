/**
 * When the registry is listed: at start, on an interval, whenever somebody asks, and again and again until it has
 * worked once. One run at a time; all who come while one runs share the next (behaviour 9).
 *
 * Knows nothing of what a run does.
 */
import { withTimeLimit } from "../async/deadline.ts";
import { DomainError } from "../domain/errors.ts";

export interface RefreshOptions {
  /** From the end of a run, whoever asked for it, to the next; milliseconds, 0: only when asked. */
  readonly refreshInterval: number;
  /** When a run is given up, in milliseconds. */
  readonly refreshTimeout: number;
}

/** Until the first listing has succeeded: 1 s, 2 s, 4 s … at most 1 min. */
const firstRetry = 1_000;
const longestRetry = 60_000;

export class Refresh {
  readonly #run: (signal: AbortSignal) => Promise<boolean>;
  readonly #options: RefreshOptions;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hasSucceeded = false;
  #failures = 0;

  /** `run` heeds its signal, tells whether it succeeded and does not fail: what went wrong is part of what it leaves behind. */
  constructor(run: (signal: AbortSignal) => Promise<boolean>, options: RefreshOptions) {
    this.#run = run;
    this.#options = options;
  }

  /** Ends when a run has ended that started after the call. Stopped, it never ends: who waits has a signal. */
  request(): Promise<void> {
    if (this.#next) return this.#next; // also in the moment between the end of a run and the start of the next
    if (!this.#running) return this.#start();
    this.#next = this.#running.then(() => {
      this.#next = undefined;
      return this.#start();
    });
    return this.#next;
  }

  /** Ends the run under way and starts no other. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#stopped.abort(new DomainError("not_ready", "the server is shutting down"));
  }

  /** Aborted by `stop`, with a reason to tell callers. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  #start(): Promise<void> {
    clearTimeout(this.#timer);
    this.#running = this.#once().finally(() => {
      this.#running = undefined;
      this.#schedule();
    });
    return this.#running;
  }

  async #once(): Promise<void> {
    const { refreshTimeout } = this.#options;
    const late = () =>
      new DomainError("registry_unavailable", `the update took longer than ${refreshTimeout / 1000} s`);
    const succeeded = await withTimeLimit(refreshTimeout, late, this.#run, this.stopped);
    this.#hasSucceeded ||= succeeded;
    this.#failures = succeeded ? 0 : this.#failures + 1;
  }

  #schedule(): void {
    if (this.stopped.aborted) return;
    const retry = Math.min(longestRetry, firstRetry * 2 ** (this.#failures - 1));
    const delay = this.#hasSucceeded ? this.#options.refreshInterval : retry;
    if (delay > 0) this.#timer = setTimeout(() => void this.request(), delay);
  }
}
