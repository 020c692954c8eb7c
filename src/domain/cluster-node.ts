/**
 * A node as its cluster describes it: what the prepuller keeps of it. What the service is told of a node is a `Node`
 * (`node-cache.ts`), made from this one.
 */
import type { CachedImage } from "./node-cache.ts";

export interface Taint {
  readonly key: string;
  /** Empty: none. */
  readonly value: string;
  /** `NoSchedule`, `PreferNoSchedule` or `NoExecute`. */
  readonly effect: string;
}

/** As in a pod. Absent parts mean all: no key every taint, no effect every effect. */
export interface Toleration {
  readonly key: string | undefined;
  readonly operator: "Equal" | "Exists";
  readonly value: string;
  readonly effect: string | undefined;
  /** For how long a `NoExecute` taint is tolerated; undefined: for ever. */
  readonly tolerationSeconds: number | undefined;
}

export interface ClusterNode {
  /** Another machine under the same name has another one. */
  readonly uid: string;
  readonly name: string;
  /** As the node tells it: `amd64`; empty: not told. */
  readonly architecture: string;
  /** Milliseconds since the epoch; undefined: not told. */
  readonly createTime: number | undefined;
  readonly isReady: boolean;
  /** Cordoned. */
  readonly isUnschedulable: boolean;
  readonly isDeleting: boolean;
  readonly taints: readonly Taint[];
  /** All that the node lists; entries without a name are kept, since they count. */
  readonly images: readonly CachedImage[];
}
