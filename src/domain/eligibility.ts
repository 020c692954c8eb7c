/**
 * Whether the prepuller may put a pod on a node. It has to ask this itself: its pods name their node, which bypasses
 * the scheduler (testing 8). Which nodes are looked at (the node selector) is decided where they are listed.
 */
import type { ClusterNode, Taint, Toleration } from "./cluster-node.ts";
import { isTolerated } from "./taints.ts";

/** `PreferNoSchedule` keeps no pod away. */
const repelling: readonly string[] = ["NoSchedule", "NoExecute"];

/**
 * Why a node gets no pod, empty where it may. What explains most comes first: Kubernetes taints nodes that are
 * cordoned or not ready, too.
 */
export function ineligibleReason(node: ClusterNode, tolerations: readonly Toleration[]): string {
  if (node.isDeleting) return "being deleted";
  if (!node.isReady) return "not ready";
  if (node.isUnschedulable) return "cordoned";
  const taint = node.taints.find((one) => repelling.includes(one.effect) && !isTolerated(one, tolerations));
  return taint ? `tainted (${describe(taint)})` : "";
}

/** `NoSchedule, gpu = true` */
function describe({ key, value, effect }: Taint): string {
  return value === "" ? `${effect}, ${key}` : `${effect}, ${key} = ${value}`;
}
