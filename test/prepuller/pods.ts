/**
 * The pods of prepullers as a fake cluster sees them come and go.
 */
import type { FakeKubernetes } from "../support/kubernetes-api.ts";
import type { Json } from "../support/kubernetes-store.ts";

export interface SeenPod {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly digest: string;
}

export interface SeenPods {
  /** All that were ever made, in order. */
  readonly made: readonly SeenPod[];
  /** Those that are there now. */
  readonly now: readonly SeenPod[];
  /** The most that were there at once: on one node, and on how many nodes. */
  readonly mostOnOneNode: number;
  readonly mostNodes: number;
}

export function watchPods(fake: FakeKubernetes): SeenPods {
  const seen = { made: [] as SeenPod[], now: [] as SeenPod[], mostOnOneNode: 0, mostNodes: 0 };
  fake.store.onChange(({ resource, before, after }) => {
    if (resource !== "pods") return;
    if (before && !after) seen.now = seen.now.filter(({ uid }) => uid !== before.json.metadata.uid);
    if (before || !after || !isOurs(after.json)) return;
    const pod = seenPod(after.json);
    seen.made.push(pod);
    seen.now = [...seen.now, pod];
    const perNode = Map.groupBy(seen.now, ({ node }) => node);
    seen.mostNodes = Math.max(seen.mostNodes, perNode.size);
    for (const { length } of perNode.values()) seen.mostOnOneNode = Math.max(seen.mostOnOneNode, length);
  });
  return seen;
}

function isOurs({ metadata }: Json): boolean {
  return metadata.labels?.["app.kubernetes.io/managed-by"] === "image-source-prepuller";
}

function seenPod({ metadata: { name, uid }, spec }: Json): SeenPod {
  return { name, uid, node: spec.nodeName, digest: spec.containers[0].image.split("@")[1] };
}
