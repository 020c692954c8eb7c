/**
 * Which taints a pod tolerates, by Kubernetes' rules. What an intolerable one means for a node is `eligibility.ts`.
 */
import type { Taint, Toleration } from "./cluster-node.ts";

/** Whether one of the tolerations covers the taint, and for as long as the pod runs. */
export function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some((toleration) => tolerates(toleration, taint));
}

/** Empty keys and effects are the same as absent ones. */
function tolerates({ key, operator, value, effect, tolerationSeconds }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  // The pod would be evicted from under its pull when the time is over.
  if (taint.effect === "NoExecute" && tolerationSeconds !== undefined) return false;
  if (!key) return operator === "Exists"; // with `Equal` the API server refuses the pod
  return key === taint.key && (operator === "Exists" || value === taint.value);
}
