/**
 * Users first: a pull waits while a pod of somebody else waits for its image on that node, but not for ever.
 */
import type { Clock } from "../async/clock.ts";
import { type Cluster, ClusterError } from "../kubernetes/cluster.ts";
import type { Logger } from "../observability/logger.ts";

/** How long to wait before it is asked again whether users wait, in milliseconds. */
export const usersIntervalMs = 5_000;

export class UsersFirst {
  readonly #cluster: Pick<Cluster, "usersAreWaiting">;
  readonly #maxWait: number;
  readonly #log: Logger;
  readonly #clock: Clock;
  /** Since when the prepuller waits for the users of a node. */
  readonly #since = new Map<string, number>();
  #complaint = "";

  constructor(cluster: Pick<Cluster, "usersAreWaiting">, maxWait: number, log: Logger, clock: Clock) {
    this.#cluster = cluster;
    this.#maxWait = maxWait;
    this.#log = log;
    this.#clock = clock;
  }

  /** Whether a pull on the node has to wait now. Rejects only with the signal's reason. */
  async mustWait(node: string, signal: AbortSignal): Promise<boolean> {
    const since = this.#since.get(node) ?? this.#clock.now();
    const mayWait = this.#clock.now() - since < this.#maxWait;
    const mustWait = mayWait && (await this.#areWaiting(node, signal));
    if (mustWait) this.#since.set(node, since);
    else this.#since.delete(node);
    return mustWait;
  }

  forget(node: string): void {
    this.#since.delete(node);
  }

  /** Where nobody can tell, most likely for want of the right to list pods, images are pulled all the same. */
  async #areWaiting(node: string, signal: AbortSignal): Promise<boolean> {
    try {
      const areWaiting = await this.#cluster.usersAreWaiting(node, signal);
      this.#complaint = "";
      return areWaiting;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ClusterError)) throw error;
      const { reason, message } = error;
      if (reason !== this.#complaint || reason === "")
        this.#log.error(`waitForUsers: cannot tell whether users wait, so nobody waits for them: ${message}`);
      this.#complaint = reason;
      return false;
    }
  }
}
