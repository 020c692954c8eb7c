/**
 * What the state of a pull's pod means: pure. That a pull takes too long, or that its pod is gone, is seen elsewhere.
 */
import type { ClusterNode } from "./cluster-node.ts";
import { isDigest } from "./digest.ts";
import type { PullPod } from "./pull-pod.ts";

export type PullOutcome =
  | { readonly kind: "under way" }
  /** `digest` is the one by which the node names the image, which need not be the wanted one; empty: not told. */
  | { readonly kind: "pulled"; readonly digest: string }
  | { readonly kind: "failed"; readonly reason: string; readonly message: string };

/** Messages of container runtimes repeat themselves; the cause stands in front. */
export const maxMessageLength = 500;

/**
 * What a container waits for while nothing is wrong. Any other reason is an error: the kubelet shows the one that its
 * last attempt to start the container ended with (`ErrImagePull`, `ImagePullBackOff`, `InvalidImageName`,
 * `ErrImageNeverPull`, `ImageInspectError`, `RegistryUnavailable`, `SignatureValidationFailed`,
 * `CreateContainerConfigError`, `CreateContainerError`, `RunContainerError`), and later versions add to them.
 */
const harmless: readonly string[] = ["", "ContainerCreating", "PodInitializing"];

/**
 * An image ID is proof, however the pod ended: an image without the command fails to start, and a pull that was
 * slower than the deadline ends well (testing 8). Without one nothing is: a phase alone is no pull.
 */
export function outcomeOf({ phase, reason, message, waiting, imageId }: PullPod): PullOutcome {
  if (imageId !== "") return { kind: "pulled", digest: digestOf(imageId) };
  if (waiting && !harmless.includes(waiting.reason)) return failed(waiting.reason, waiting.message);
  if (phase === "Failed") return failed(reason || "Failed", message);
  if (phase === "Succeeded") return failed("NoImageID", message || "the pod ended well but names no image");
  return { kind: "under way" };
}

/** Whether the node's own list names a digest, in whatever repository: `…@digest`. */
export function isListed({ images }: ClusterNode, digest: string): boolean {
  if (digest === "") return false;
  // A round asks this of millions of names: single characters tell most of them apart.
  const last = digest.charCodeAt(digest.length - 1);
  for (const { names } of images) {
    for (const name of names) {
      if (name.charCodeAt(name.length - 1) !== last || name.at(-digest.length - 1) !== "@") continue;
      if (name.endsWith(digest)) return true;
    }
  }
  return false;
}

/** What follows @ in `docker-pullable://repository@digest`; of an image ID that is no more than that, nothing. */
function digestOf(imageId: string): string {
  const digest = imageId.slice(imageId.lastIndexOf("@") + 1);
  return digest !== imageId && isDigest(digest) ? digest : "";
}

function failed(reason: string, message: string): PullOutcome {
  return { kind: "failed", reason, message: shorten(message) };
}

function shorten(text: string): string {
  return text.length > maxMessageLength ? `${text.slice(0, maxMessageLength - 1)}…` : text;
}
