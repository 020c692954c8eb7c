/**
 * The name of the pod of a pull: the same for the same pull, so that whoever makes it again finds it.
 */
import { shortHash } from "./pod-marks.ts";

export interface PodIdentity {
  readonly digest: string;
  readonly tag: string;
  /** Name of the node. */
  readonly node: string;
  /** Name of the lease: others in the same namespace have pods of their own. */
  readonly lease: string;
}

/** A DNS label, which a pod's name need not be, but which its host name is made of. */
const maxLength = 63;
const prefix = "prepull";

/** `prepull-w-2077-43-0123456789abcdef`. `collision`: how many names of it are taken by pods of others. */
export function podName({ digest, tag, node, lease }: PodIdentity, collision = 0): string {
  // Two tags may look alike once they are a part of a name; what tells pulls apart is the hash. No part can hold a line break.
  const hash = shortHash([digest, node, lease, ...(collision > 0 ? [String(collision)] : [])].join("\n"));
  const room = maxLength - prefix.length - hash.length - 2;
  const part = tag
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, room)
    .replaceAll(/^-|-$/g, "");
  return [prefix, part, hash].filter((text) => text !== "").join("-");
}
