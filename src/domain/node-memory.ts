/**
 * What the prepuller remembers of one machine: what it pulled there, and what to leave alone for now. By the UID of
 * the node: another machine under the same name starts anew (prepuller.md, "What counts as pulled").
 *
 * Immutable, and nothing is kept for good: a restarted prepuller learns it again.
 */
import type { ClusterNode } from "./cluster-node.ts";
import { isListed } from "./pull-outcome.ts";
import type { WantedImage } from "./wanted-image.ts";

const seconds = 1000;
const minutes = 60 * seconds;
const hours = 60 * minutes;

interface BackOff {
  /** The longest wait after the first time, in milliseconds; each further one doubles it. */
  readonly firstMs: number;
  readonly maxMs: number;
}

const failureBackOff: BackOff = { firstMs: 30 * seconds, maxMs: 10 * minutes };
/** Pulling an image again that the kubelet evicted would only push out another one. */
const evictionBackOff: BackOff = { firstMs: 10 * minutes, maxMs: 6 * hours };
/** An image that is gone so soon after our pull was evicted; later it may have gone for any reason. */
const evictionWindowMs = 1 * hours;
/** Longer than the longest back-off and the window together, so that the doubling goes on while it has a cause. */
const evictionMemoryMs = 12 * hours;

/** The reason of a pull that ended well, and in vain. */
export const evicted = "evicted";

/** Times are milliseconds since the epoch. */
export interface PullMemory {
  /** Failed pulls in a row. */
  readonly failures: number;
  /** How often it was evicted; a pull does not reset it. */
  readonly evictions: number;
  /** No pull before; 0: none is held back. */
  readonly retryAt: number;
  /** Why it is held back. */
  readonly reason: string;
  readonly message: string;
  /** When it was seen to be pulled; undefined: it was not, or a later list of the node does not have it. */
  readonly pulledAt: number | undefined;
  /** When a list was seen that had lost it. */
  readonly goneAt: number | undefined;
  /** The digest by which the node lists it, where that is another one; empty: none is known. */
  readonly alias: string;
}

export interface NodeMemory {
  /** By digest. */
  readonly images: ReadonlyMap<string, PullMemory>;
}

export const emptyMemory: NodeMemory = { images: new Map() };

const nothing: PullMemory = {
  failures: 0,
  evictions: 0,
  retryAt: 0,
  reason: "",
  message: "",
  pulledAt: undefined,
  goneAt: undefined,
  alias: "",
};

/** An image is there. `alias` is the digest by which the runtime reports it; the same one or none is no alias. */
export function afterPull(memory: NodeMemory, digest: string, now: number, alias: string): NodeMemory {
  const { evictions, goneAt } = memory.images.get(digest) ?? nothing;
  const isPeaceful = goneAt === undefined || now - goneAt > evictionMemoryMs;
  return withImage(memory, digest, {
    ...nothing,
    evictions: isPeaceful ? 0 : evictions,
    goneAt,
    pulledAt: now,
    alias: alias === digest ? "" : alias,
  });
}

/** A pull ended without its image. `random` is from 0 up to 1. */
export function afterFailure(
  memory: NodeMemory,
  digest: string,
  reason: string,
  message: string,
  now: number,
  random: number,
): NodeMemory {
  const known = memory.images.get(digest) ?? nothing;
  const failures = known.failures + 1;
  // A late failure does not end the longer wait after an eviction.
  const retryAt = Math.max(known.retryAt, now + backOffMs(failureBackOff, failures, random));
  return withImage(memory, digest, { ...known, failures, retryAt, reason, message, pulledAt: undefined });
}

/**
 * Compares with the node's own list, which is as of `readTime`: when it was read, less the lag of kubelets. What was
 * pulled before and is not in it is gone; what it names is there, whoever pulled it. But from a list that is partial,
 * or empty as that of a kubelet that has just started, or that a silent kubelet has left behind, nothing is gone. The same object where nothing changes. `now` is when the
 * list is seen.
 */
export function afterList(
  memory: NodeMemory,
  node: ClusterNode,
  readTime: number,
  isPartial: boolean,
  now: number,
  random: number,
): NodeMemory {
  const tellsAll = node.isReady && !isPartial && node.images.length > 0;
  let after = memory;
  for (const [digest, known] of memory.images) {
    const { pulledAt, alias } = known;
    if (pulledAt === undefined) {
      if (isThere(node, digest, alias)) after = afterPull(after, digest, now, alias);
    } else if (tellsAll && pulledAt <= readTime && !isThere(node, digest, alias)) {
      after = withImage(after, digest, withoutImage(known, now - pulledAt, now, random));
    }
  }
  return after;
}

/** Forgets the images that are no longer wanted: a new digest starts anew. The same object where there is none. */
export function keepOnly(memory: NodeMemory, digests: ReadonlySet<string>): NodeMemory {
  const kept = [...memory.images].filter(([digest]) => digests.has(digest));
  return kept.length === memory.images.size ? memory : { images: new Map(kept) };
}

/**
 * Whether an image is on a node: the node lists it, it was pulled and no list has refuted that since, or the service
 * says so (which also knows the digests of its platforms, and marks of others).
 *
 * `answeredAt` is the time that the service's answer speaks of: when the nodes were read that were sent with the
 * question. Its word is about a name, so it does not count for a machine that came later, nor for an image that was
 * seen to be gone since.
 */
export function isHeld(
  node: ClusterNode,
  memory: NodeMemory,
  image: WantedImage,
  answeredAt: number,
): boolean {
  const { pulledAt, goneAt, alias } = memory.images.get(image.digest) ?? nothing;
  if (pulledAt !== undefined) return true;
  const isSaid = image.nodes.has(node.name) && wasThere(node, answeredAt);
  if (isSaid && (goneAt === undefined || goneAt < answeredAt)) return true;
  return isThere(node, image.digest, alias);
}

/** Whether the node lists an image. */
function isThere(node: ClusterNode, digest: string, alias: string): boolean {
  return isListed(node, digest) || isListed(node, alias);
}

/** Kubernetes tells when a node was created in whole seconds, rounded down. */
function wasThere({ createTime }: ClusterNode, time: number): boolean {
  return createTime === undefined || createTime + 1 * seconds <= time;
}

function withoutImage(known: PullMemory, age: number, now: number, random: number): PullMemory {
  const gone = { ...known, pulledAt: undefined, goneAt: now };
  if (age > evictionWindowMs) return gone;
  const evictions = known.evictions + 1;
  return {
    ...gone,
    evictions,
    retryAt: now + backOffMs(evictionBackOff, evictions, random),
    reason: evicted,
    message: "gone from the node within an hour after it was pulled",
  };
}

/** From three quarters of the longest wait on, so that nodes which failed together do not come back together. */
function backOffMs({ firstMs, maxMs }: BackOff, times: number, random: number): number {
  return Math.round(Math.min(maxMs, firstMs * 2 ** (times - 1)) * (0.75 + 0.25 * random));
}

function withImage(memory: NodeMemory, digest: string, known: PullMemory): NodeMemory {
  return { images: new Map(memory.images).set(digest, known) };
}
