/**
 * The lease that lets one prepuller work at a time (`coordination.k8s.io`).
 */

/** The lease is somebody else's: held from the start, or taken while it was ours. */
export class LeaseHeldError extends Error {
  override readonly name = "LeaseHeldError";
  /** Identity of who holds it; empty where nobody can tell, since the API server does not answer. */
  readonly holder: string;

  constructor(message: string, holder: string, options?: ErrorOptions) {
    super(message, options);
    this.holder = holder;
  }
}

/** A lease that is ours. */
export interface HeldLease {
  readonly name: string;
  /** Of the object: pods name it as their owner. */
  readonly uid: string;
  /** Aborted, with a `LeaseHeldError`, as soon as it may no longer be ours. */
  readonly lost: AbortSignal;
  /** Stops renewing and gives it up, so that a successor need not wait; does not fail. */
  release(): Promise<void>;
}
