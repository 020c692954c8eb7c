/**
 * How a pod of the prepuller is told from others, and found again: its labels, by which it is listed, and its
 * annotations, which say in full what labels have no room for.
 *
 * Not `app.kubernetes.io/instance` and the like: Argo CD takes what has that label for its own, and removes it.
 */
import { createHash } from "node:crypto";
import { isDnsSubdomain } from "../domain/dns-name.ts";
import { object, text } from "./json.ts";

const managedBy = "app.kubernetes.io/managed-by";
const manager = "image-source-prepuller";

export const labelNames = {
  lease: "image-source/lease",
  digest: "image-source/digest-hash",
  node: "image-source/node-hash",
} as const;

export const annotationNames = {
  /** `registry/repository:tag@digest`. */
  reference: "image-source/reference",
  node: "image-source/node",
  nodeUid: "image-source/node-uid",
} as const;

/** The longest value of a label. */
const maxLength = 63;

/** What is common to all pods of those who share a lease; others in the same namespace have other pods. */
export function ownLabels(lease: string): Record<string, string> {
  const fits = lease.length <= maxLength && isDnsSubdomain(lease);
  return { [managedBy]: manager, [labelNames.lease]: fits ? lease : shortHash(lease) };
}

export function pullLabels(lease: string, digest: string, node: string): Record<string, string> {
  const { digest: ofDigest, node: ofNode } = labelNames;
  return { ...ownLabels(lease), [ofDigest]: shortHash(digest), [ofNode]: shortHash(node) };
}

export function labelSelector(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
}

/** Whether a pod has those labels, whatever others it has. */
export function hasLabels(pod: unknown, labels: Readonly<Record<string, string>>): boolean {
  const has = object(object(object(pod).metadata).labels);
  return Object.entries(labels).every(([name, value]) => has[name] === value);
}

/** A pod of any prepuller. */
export function isPullPod(pod: unknown): boolean {
  return text(object(object(object(pod).metadata).labels)[managedBy]) === manager;
}

/** 16 hex digits. */
export function shortHash(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, 16);
}
