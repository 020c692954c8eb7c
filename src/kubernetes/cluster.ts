/**
 * What the prepuller sees of a cluster and does in it, in the words of the domain. Implemented over the Kubernetes
 * API by the rest of this room.
 */
import type { ClusterNode } from "../domain/cluster-node.ts";
import type { PullPod } from "../domain/pull-pod.ts";

/** Things of one kind as the API server has them: listed, then watched, and listed again whenever the watch is lost. */
export interface Feed<T> {
  /** By name. Empty until the first list has ended. */
  readonly items: ReadonlyMap<string, T>;
  /** When they were last known to be like that, milliseconds since the epoch: the last list, event or bookmark. */
  readonly readTime: number;
  /** Settles with the first list; does not fail: what fails is tried again. */
  readonly listed: Promise<void>;
  /**
   * Calls whenever one has come, changed or gone (`after` is undefined then), also where a new list shows it. Gives
   * the way to stop. What a listener throws is a bug and ends the process.
   */
  onChange(listener: (before: T | undefined, after: T | undefined) => void): () => void;
}

/** A pull that is to be made into a pod. */
export interface PullRequest {
  readonly digest: string;
  readonly tag: string;
  /** `registry/repository:tag@digest`. */
  readonly reference: string;
  readonly node: ClusterNode;
}

/** The lease that owns the pods: whoever deletes it, deletes them. */
export interface Owner {
  readonly name: string;
  readonly uid: string;
}

export interface Cluster {
  readonly nodes: Feed<ClusterNode>;
  /** Pods of the prepuller's own making, those of an earlier process too. */
  readonly pods: Feed<PullPod>;
  /**
   * Makes the pod of a pull; where the same one is there already, that one is taken. A foreign pod of its name makes
   * it take another name. Fails with `ClusterError`, whose `refused` says that asking again at once is of no use.
   */
  createPod(pull: PullRequest, owner: Owner, signal: AbortSignal): Promise<PullPod>;
  /** Deletes that very pod; one that is gone is fine. Fails with `ClusterError`. */
  deletePod(pod: PullPod, signal: AbortSignal): Promise<void>;
  /**
   * Whether a pod of somebody else on that node waits for its image, and is not backing off. Fails with
   * `ClusterError`.
   */
  usersAreWaiting(node: string, signal: AbortSignal): Promise<boolean>;
}

export interface ClusterErrorOptions extends ErrorOptions {
  /** Status of HTTP; 0: there was no answer. */
  readonly status: number;
  /** `AlreadyExists`, `Forbidden`, `Expired` … as the API server says it; empty: it says nothing. */
  readonly reason?: string;
  readonly retryAfterMs?: number;
}

/** The API server said no, or nothing. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { status, reason = "", retryAfterMs, ...options }: ClusterErrorOptions) {
    super(message, options);
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }

  /** The request itself was refused (quota, admission, missing rights): not a matter of waiting a moment. */
  get refused(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 408 && this.status !== 429;
  }
}
