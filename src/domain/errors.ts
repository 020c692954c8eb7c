/**
 * The ways to fail that a caller can act on. Anything else that is thrown is a bug.
 *
 * Says nothing of codes or transports: `rpc/` turns a fault into a status.
 */

/** What went wrong; one of them each for the reasons of the contract (architecture 1, "Errors"). */
export type Fault =
  | "invalid"
  | "unknown_source"
  | "unknown_image"
  | "digest_mismatch"
  | "not_ready"
  | "registry_unavailable"
  | "registry_rate_limited"
  | "registry_limit"
  | "registry_denied"
  | "repository_not_found"
  | "registry_corrupt"
  | "overloaded";

export interface DomainErrorOptions extends ErrorOptions {
  /** How long to wait before another attempt makes sense, in milliseconds. */
  readonly retryAfterMs?: number;
}

export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly fault: Fault;
  readonly retryAfterMs: number | undefined;

  constructor(fault: Fault, message: string, options: DomainErrorOptions = {}) {
    super(message, options);
    this.fault = fault;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Whether something that was thrown is a `DomainError`, of one of the faults where some are given. */
export function isFault(error: unknown, ...faults: Fault[]): error is DomainError {
  return error instanceof DomainError && (faults.length === 0 || faults.includes(error.fault));
}
