/**
 * An outage as the log tells it: its beginning and its end, not every attempt in between.
 */
import type { Logger } from "../observability/logger.ts";

export class Outage {
  readonly #what: string;
  readonly #log: Logger;
  #failures = 0;

  /** `what` is done in vain: "list nodes". */
  constructor(what: string, log: Logger) {
    this.#what = what;
    this.#log = log;
  }

  /** How often it failed in a row. */
  get failures(): number {
    return this.#failures;
  }

  failed(error: unknown): void {
    this.#failures += 1;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `cannot ${this.#what}, and tries again: ${reason}`;
    if (this.#failures === 1) this.#log.warn(message);
    else this.#log.debug(message);
  }

  over(): void {
    if (this.#failures > 0) this.#log.info(`can ${this.#what} again`);
    this.#failures = 0;
  }
}
