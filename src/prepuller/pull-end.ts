/**
 * Whether a pull has come to its end, and to which: pure. That waiting for it ends earlier, by time, is no end of it.
 */
import type { ClusterNode } from "../domain/cluster-node.ts";
import { isListed, outcomeOf } from "../domain/pull-outcome.ts";
import type { PullPod } from "../domain/pull-pod.ts";

export type PullEnd =
  /** `digest` is the one under which the runtime lists the image; empty: not told. */
  | { readonly kind: "pulled"; readonly digest: string }
  | { readonly kind: "failed"; readonly reason: string; readonly message: string }
  /** The machine is gone, and with it all that could be said of it. */
  | { readonly kind: "node vanished" };

export interface PullView {
  /** As it is, or as it was seen last. */
  readonly pod: PullPod;
  readonly isGone: boolean;
  /** The node of that name now. */
  readonly node: ClusterNode | undefined;
}

/** Undefined: it is under way. */
export function endOf({ pod, isGone, node }: PullView): PullEnd | undefined {
  if (!node || (pod.nodeUid !== "" && pod.nodeUid !== node.uid)) return { kind: "node vanished" };
  const outcome = outcomeOf(pod);
  if (outcome.kind !== "under way") return outcome;
  if (isListed(node, pod.digest)) return { kind: "pulled", digest: pod.digest };
  if (isGone) return { kind: "failed", reason: "pod vanished", message: "somebody else deleted the pod" };
  return undefined;
}
