/**
 * Waits for the end of one pull, by what the feeds show. Neither makes the pod nor deletes it.
 *
 * A pull cannot be cancelled (testing 8): when it takes too long it is said to be stuck, and waited for all the same.
 */
import type { Clock } from "../async/clock.ts";
import type { PullPod } from "../domain/pull-pod.ts";
import type { Cluster } from "../kubernetes/cluster.ts";
import { endOf, type PullEnd } from "./pull-end.ts";

export interface FollowOptions {
  /** Milliseconds from now. */
  readonly stuckAfter: number;
  /** Called once, where the pull is under way by then. */
  readonly onStuck: () => void;
  /** Whether it was there already; what is not there any more is gone then. */
  readonly isSeen?: boolean;
  readonly clock: Clock;
}

/** Rejects only with the signal's reason. */
export async function followPod(
  pod: PullPod,
  cluster: Pick<Cluster, "nodes" | "pods">,
  { stuckAfter, onStuck, isSeen = false, clock }: FollowOptions,
  signal: AbortSignal,
): Promise<PullEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<PullEnd>();
  let last = pod;
  // A pod that was just made may be missing in the feed for a moment; one that was there and is not, is gone.
  let wasThere = isSeen;
  function look() {
    const now = cluster.pods.items.get(pod.name);
    const isThere = now?.uid === pod.uid;
    if (now && isThere) last = now;
    wasThere ||= isThere;
    const end = endOf({ pod: last, isGone: wasThere && !isThere, node: cluster.nodes.items.get(pod.node) });
    if (end) resolve(end);
  }
  const waiting = new AbortController();
  const abort = () => reject(signal.reason);
  const stopWatching = [
    cluster.pods.onChange((before, after) => (before ?? after)?.name === pod.name && look()),
    cluster.nodes.onChange((before, after) => (before ?? after)?.name === pod.node && look()),
  ];
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  clock.sleep(Math.max(0, stuckAfter), waiting.signal).then(
    () => (wasThere ? onStuck() : resolve(neverSeen)),
    () => {}, // it has ended before
  );
  look();
  try {
    return await promise;
  } finally {
    waiting.abort();
    signal.removeEventListener("abort", abort);
    for (const stop of stopWatching) stop();
  }
}

const neverSeen: PullEnd = {
  kind: "failed",
  reason: "pod vanished",
  message: "the pod was made, and is not there",
};
