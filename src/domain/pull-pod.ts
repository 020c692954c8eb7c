/**
 * A pod of the prepuller: one image for one node, and how far it has come. What its state means is
 * `pull-outcome.ts`.
 */

export interface PullPod {
  readonly name: string;
  readonly uid: string;
  /** Name of the node that it was made for. */
  readonly node: string;
  /** The machine of that name at the time; empty: not told. */
  readonly nodeUid: string;
  /** What it pulls, in full: `registry/repository:tag@digest`. */
  readonly reference: string;
  readonly digest: string;
  /** Milliseconds since the epoch, by the clock of the API server. */
  readonly createTime: number;
  readonly isDeleting: boolean;
  /** `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`. */
  readonly phase: string;
  /** Why the pod as a whole is as it is: `Evicted`, `OutOfcpu`, `DeadlineExceeded`; empty: nothing is said. */
  readonly reason: string;
  readonly message: string;
  /** What its container waits for. */
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  /** `registry/repository@digest` as soon as the image is on the node, else empty. */
  readonly imageId: string;
}
