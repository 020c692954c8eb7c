/**
 * The nodes of a large cluster, as its API lists them: 50 images each, so that every one may hold more than it lists.
 */
import type { NodeParts } from "../support/kubernetes-objects.ts";

const listed = 50;
const hex = (number: number) => (number + 1).toString(16).padStart(64, "0");

/** A node that holds those of the wanted images (`registry/repository@digest`), and others to make 50. */
export function nodeWith(name: string, held: readonly string[]): NodeParts {
  const others = Array.from({ length: listed - held.length }, (_, index) => ({
    names: [
      `other.example/tools/image-${index}@sha256:${hex(index)}`,
      `other.example/tools/image-${index}:v1`,
    ],
    sizeBytes: 100_000_000 + index,
  }));
  const images = [...held.map((image) => ({ names: [image], sizeBytes: 4_000_000_000 })), ...others];
  return { name, createTime: "2020-01-01T00:00:00Z", images };
}
