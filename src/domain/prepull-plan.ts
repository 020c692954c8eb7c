/**
 * Which images to pull onto which nodes, now: pure. How many nodes are busy at once, and when to ask again, is not
 * decided here.
 */
import { fitsArchitecture } from "./architecture.ts";
import type { ClusterNode, Toleration } from "./cluster-node.ts";
import { ineligibleReason } from "./eligibility.ts";
import { emptyMemory, isHeld, type NodeMemory } from "./node-memory.ts";
import type { WantedImage } from "./wanted-image.ts";

/** An image that failed, or was evicted, and is left alone for a while. */
export interface WaitingImage {
  readonly image: WantedImage;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly reason: string;
  readonly message: string;
}

/** Each image that is wanted on the node is in one of the three. */
export interface NodePlan {
  /** To pull now, in this order. */
  readonly pulls: readonly WantedImage[];
  readonly waiting: readonly WaitingImage[];
  /** How many are there. */
  readonly present: number;
}

export interface RoundPlan {
  /** At most one a node. */
  readonly pulls: readonly { readonly node: ClusterNode; readonly image: WantedImage }[];
  /** How many nodes are. */
  readonly eligible: number;
  readonly ineligible: readonly { readonly node: ClusterNode; readonly reason: string }[];
  /** Wanted, but nobody knows what they are: they cannot be pulled. */
  readonly withoutDigest: readonly WantedImage[];
  /** Images times the eligible nodes that they fit. */
  readonly wantedCount: number;
  /** How many of those are there. */
  readonly presentCount: number;
  /** How many of those failed, and are left alone for a while. */
  readonly waitingCount: number;
}

/** The plan of an eligible node. `answeredAt`: see `isHeld`. */
export function planNode(
  node: ClusterNode,
  wanted: readonly WantedImage[],
  memory: NodeMemory,
  now: number,
  answeredAt: number,
): NodePlan {
  return planInOrder(node, inPullOrder(wanted), memory, now, answeredAt);
}

/** `memories` are by the UIDs of nodes; `busy` are the names of nodes on which a pull is under way or stuck. */
export function planRound(
  nodes: Iterable<ClusterNode>,
  wanted: readonly WantedImage[],
  memories: ReadonlyMap<string, NodeMemory>,
  busy: ReadonlySet<string>,
  tolerations: readonly Toleration[],
  now: number,
  answeredAt: number,
): RoundPlan {
  const images = inPullOrder(wanted);
  const pulls: { node: ClusterNode; image: WantedImage }[] = [];
  const ineligible: { node: ClusterNode; reason: string }[] = [];
  let [eligible, wantedCount, presentCount, waitingCount] = [0, 0, 0, 0];
  for (const node of nodes) {
    const reason = ineligibleReason(node, tolerations);
    if (reason !== "") {
      ineligible.push({ node, reason });
      continue;
    }
    const plan = planInOrder(node, images, memories.get(node.uid) ?? emptyMemory, now, answeredAt);
    const [image] = plan.pulls;
    if (image && !busy.has(node.name)) pulls.push({ node, image });
    eligible += 1;
    wantedCount += plan.pulls.length + plan.waiting.length + plan.present;
    presentCount += plan.present;
    waitingCount += plan.waiting.length;
  }
  const withoutDigest = wanted.filter(({ digest }) => digest === "");
  return { pulls, eligible, ineligible, withoutDigest, wantedCount, presentCount, waitingCount };
}

/** What can be pulled, recommended images first. */
function inPullOrder(wanted: readonly WantedImage[]): readonly WantedImage[] {
  const known = wanted.filter(({ digest }) => digest !== "");
  return [
    ...known.filter(({ isRecommended }) => isRecommended),
    ...known.filter(({ isRecommended }) => !isRecommended),
  ];
}

function planInOrder(
  node: ClusterNode,
  images: readonly WantedImage[],
  memory: NodeMemory,
  now: number,
  answeredAt: number,
): NodePlan {
  const pulls: WantedImage[] = [];
  const waiting: WaitingImage[] = [];
  let present = 0;
  for (const image of images) {
    if (!fitsArchitecture(image.architecture, node.architecture)) continue;
    const known = memory.images.get(image.digest);
    if (isHeld(node, memory, image, answeredAt)) present += 1;
    else if (!known || known.retryAt <= now) pulls.push(image);
    else waiting.push({ image, until: known.retryAt, reason: known.reason, message: known.message });
  }
  return { pulls, waiting, present };
}
