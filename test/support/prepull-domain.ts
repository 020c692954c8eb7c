/**
 * Short ways to say what the prepuller's rules are about: `clusterNode("n1", [byDigest("a")])`, `wanted("a")`.
 *
 * Builders fill in what a test does not care about; they decide nothing that is tested.
 */
import type { ClusterNode, Taint, Toleration } from "../../src/domain/cluster-node.ts";
import type { CachedImage } from "../../src/domain/node-cache.ts";
import { emptyMemory, type NodeMemory, type PullMemory } from "../../src/domain/node-memory.ts";
import type { PullPod } from "../../src/domain/pull-pod.ts";
import type { AnsweredImage, WantedImage } from "../../src/domain/wanted-image.ts";
import { byDigest, byTag, sha } from "./domain.ts";

/** A node that is ready and has no taints; its UID is made of its name. */
export function clusterNode(
  name: string,
  images: readonly (string | CachedImage)[] = [],
  parts: Partial<ClusterNode> = {},
): ClusterNode {
  return {
    uid: `uid-${name}`,
    name,
    architecture: "amd64",
    createTime: undefined,
    isReady: true,
    isUnschedulable: false,
    isDeleting: false,
    taints: [],
    images: images.map((image) => (typeof image === "string" ? { names: [image], size: 0 } : image)),
    ...parts,
  };
}

/** `gpu = true` or `gpu`, with its effect. */
export function taint(text: string, effect = "NoSchedule"): Taint {
  const [key = "", value = ""] = text.split(" = ");
  return { key, value, effect };
}

/** Tolerates everything, but for the parts that are given. */
export function toleration(parts: Partial<Toleration> = {}): Toleration {
  return {
    key: undefined,
    operator: "Exists",
    value: "",
    effect: undefined,
    tolerationSeconds: undefined,
    ...parts,
  };
}

/** An image of the repository `lab`, told from others by the first hex digits of its digest. */
export function wanted(hex: string, parts: Partial<WantedImage> = {}): WantedImage {
  const reference = `${byTag(`tag-${hex}`)}@${sha(hex)}`;
  return {
    digest: sha(hex),
    tag: `tag-${hex}`,
    reference,
    architecture: undefined,
    isRecommended: false,
    nodes: new Set(),
    wants: [{ source: "lab", reference }],
    ...parts,
  };
}

/** The same as a source answers it. */
export function answered(hex: string, parts: Partial<AnsweredImage> = {}): AnsweredImage {
  return {
    reference: `${byTag(`tag-${hex}`)}@${sha(hex)}`,
    digest: sha(hex),
    tag: `tag-${hex}`,
    architecture: "",
    recommended: false,
    nodes: [],
    ...parts,
  };
}

/** A pod that was just made for the image `a` and the node `n1`. */
export function pullPod(parts: Partial<PullPod> = {}): PullPod {
  return {
    name: "prepull-tag-a-1234",
    uid: "pod-1",
    node: "n1",
    nodeUid: "uid-n1",
    reference: byDigest("a"),
    digest: sha("a"),
    createTime: 0,
    isDeleting: false,
    phase: "Pending",
    reason: "",
    message: "",
    waiting: undefined,
    imageId: "",
    ...parts,
  };
}

/** A memory of images by the first hex digits of their digests. */
export function memoryOf(images: Readonly<Record<string, Partial<PullMemory>>>): NodeMemory {
  const untouched: PullMemory = {
    ...{ failures: 0, evictions: 0, retryAt: 0, reason: "", message: "", alias: "" },
    ...{ pulledAt: undefined, goneAt: undefined },
  };
  return Object.entries(images).reduce<NodeMemory>(
    (memory, [hex, parts]) => ({ images: new Map(memory.images).set(sha(hex), { ...untouched, ...parts }) }),
    emptyMemory,
  );
}
