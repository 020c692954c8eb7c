/**
 * A process of its own that is the API of a large cluster whose kubelets pull at once. Told with the wanted images how
 * many nodes there are and how many of them lack one; counts what it is asked.
 */
import { type FakeKubernetes, fakeKubernetes } from "../support/kubernetes-api.ts";
import { nodeWith } from "./prepull-nodes.ts";

export type ClusterOrder =
  | {
      readonly kind: "nodes";
      readonly images: readonly string[];
      readonly count: number;
      readonly lacking: number;
    }
  | { readonly kind: "join"; readonly images: readonly string[]; readonly count: number }
  | { readonly kind: "count" };

export interface ClusterCounts {
  readonly nodeLists: number;
  readonly nodeWatches: number;
  readonly podLists: number;
  readonly podWatches: number;
  readonly creates: number;
  readonly deletes: number;
  /** The most requests within any second, as they arrive: those of two seconds may come closer together than they went. */
  readonly mostInASecond: number;
  /** The most within any five seconds. */
  readonly mostIn5Seconds: number;
}

const fake = await fakeKubernetes();
const times = timesOf(fake);

process.on("message", (order: ClusterOrder) => {
  if (order.kind === "nodes") {
    for (let i = 0; i < order.count; i++)
      fake.addNode(nodeWith(`node-${i}`, i < order.lacking ? order.images.slice(1) : order.images));
  } else if (order.kind === "join") {
    for (let i = 0; i < order.count; i++) fake.addNode(nodeWith(`new-${i}`, order.images));
  }
  process.send?.(counts());
});
process.on("disconnect", () => void fake.close().then(() => process.exit()));
process.send?.(fake.kubeconfig);

function counts(): ClusterCounts {
  return {
    nodeLists: fake.count("list nodes"),
    nodeWatches: fake.count("watch nodes"),
    podLists: fake.count("list pods"),
    podWatches: fake.count("watch pods"),
    creates: fake.count("create pods"),
    deletes: fake.count("delete pods"),
    mostInASecond: mostWithin(1_000),
    mostIn5Seconds: mostWithin(5_000),
  };
}

/** When requests came. The fake keeps them all, but not their times. */
function timesOf({ requests }: FakeKubernetes): number[] {
  const found: number[] = [];
  const list = requests as unknown[];
  const push = list.push.bind(list);
  list.push = (...calls) => {
    found.push(performance.now());
    return push(...calls);
  };
  return found;
}

function mostWithin(milliseconds: number): number {
  let most = 0;
  let first = 0;
  for (const [last, time] of times.entries()) {
    while ((times[first] ?? time) <= time - milliseconds) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
