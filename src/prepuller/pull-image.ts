/**
 * One pull from its pod's making to its end. What follows from the end is not decided here, and the pod is left.
 */
import type { PullPod } from "../domain/pull-pod.ts";
import { type Cluster, ClusterError, type Owner, type PullRequest } from "../kubernetes/cluster.ts";
import { type FollowOptions, followPod } from "./follow-pod.ts";
import type { PullEnd } from "./pull-end.ts";

export interface EndedPull {
  /** Undefined: it could not be made. */
  readonly pod: PullPod | undefined;
  readonly end: PullEnd;
}

/** Rejects with the signal's reason, and where a fault of the program shows. */
export async function pullImage(
  request: PullRequest,
  cluster: Cluster,
  owner: Owner,
  options: FollowOptions,
  signal: AbortSignal,
): Promise<EndedPull> {
  // Its end may be told before the answer that it was made.
  const ended = new Set<string>();
  const stop = cluster.pods.onChange((before, after) => {
    if (before && before.uid !== after?.uid) ended.add(before.uid);
  });
  let pod: PullPod;
  try {
    pod = await cluster.createPod(request, owner, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { pod: undefined, end: refusal(error) };
  } finally {
    stop();
  }
  const isSeen = ended.has(pod.uid);
  return { pod, end: await followPod(pod, cluster, { ...options, isSeen }, signal) };
}

/** How the API server's no ends a pull. */
function refusal(error: unknown): PullEnd {
  if (!(error instanceof ClusterError)) throw error;
  const reason = error.refused ? error.reason || "refused" : "cluster unavailable";
  return { kind: "failed", reason, message: error.message };
}
