/**
 * Nodes and pods as the Kubernetes API tells them, made of the parts that a test cares about.
 */
import { createHash } from "node:crypto";
import type { Json } from "./kubernetes-store.ts";

export interface NodeParts {
  readonly name: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly architecture?: string;
  readonly isReady?: boolean;
  readonly isUnschedulable?: boolean;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** `repository@digest`, `repository:tag`, or an entry of `status.images`. */
  readonly images?: readonly (string | object)[];
  /** `2077-10-28T12:00:00Z`. */
  readonly createTime?: string;
}

export function nodeJson(parts: NodeParts): Json {
  const { name, uid, labels = {}, architecture = "amd64", taints, images = [], createTime } = parts;
  const { isReady = true, isUnschedulable = false } = parts;
  return {
    metadata: {
      name,
      ...(uid && { uid }),
      ...(createTime && { creationTimestamp: createTime }),
      labels: { "kubernetes.io/hostname": name, ...labels },
    },
    spec: { ...(isUnschedulable && { unschedulable: true }), ...(taints && { taints }) },
    status: {
      conditions: [{ type: "Ready", status: isReady ? "True" : "False" }],
      nodeInfo: { architecture, operatingSystem: "linux", kubeletVersion: "v1.34.4" },
      images: images.map((image) =>
        typeof image === "string" ? { names: [image], sizeBytes: 1_000_000 } : image,
      ),
    },
  };
}

/** So many images as a node lists them: two names each, the same for the same number. */
export function manyImages(count: number, repository = "registry.example.org/sciplat/lab"): object[] {
  return Array.from({ length: count }, (_, index) => ({
    names: [`${repository}@${digestOf(String(index))}`, `${repository}:w_2077_${index}`],
    sizeBytes: 4_000_000_000 - index,
  }));
}

export function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
