/**
 * What the measured services are configured with: made-up images on made-up nodes.
 */
import { createHash } from "node:crypto";

export const registry = "registry.example.org:5000";
export const repository = "sciplat/lab";

export const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** Dailies and weeklies, most recent years first, as a repository of a platform has them. */
export function tagOf(index: number): string {
  const cycle = `c${String(index % 60).padStart(4, "0")}.${String(index % 7).padStart(3, "0")}`;
  const year = 2090 - (index % 60);
  return index % 2 === 0
    ? `d_${year}_${1 + (index % 12)}_${1 + (index % 28)}_${cycle}_rsp${index}`
    : `w_${year}_${1 + (index % 52)}_${cycle}_rsp${index}`;
}

export const referenceOf = (tag: string) => `${registry}/${repository}:${tag}@${digestOf(tag)}`;

export const nodeName = (index: number) => `node-${String(index).padStart(5, "0")}.cluster.example.org`;

export interface StaticSource {
  readonly name: string;
  readonly images: number;
  readonly nodes: number;
}

/** Every node holds every second image, at most 50. */
export function staticSource({ name, images, nodes }: StaticSource): object {
  const tags = Array.from({ length: images }, (_, index) => tagOf(index));
  return {
    name,
    type: "static",
    registry,
    repository,
    refreshInterval: 0,
    numWeeklies: 5,
    numDailies: 5,
    images: tags.map((tag, index) => ({ tag, digest: digestOf(tag), size: 4_000_000_000 + index })),
    nodes: Array.from({ length: nodes }, (_, node) => ({
      name: nodeName(node),
      images: tags.filter((_, image) => (image + node) % 2 === 0).slice(0, 50),
    })),
  };
}

/** A registry that lists many tags, of which a menu shows some hundred. */
export function dockerSource(name: string, host: string): object {
  return {
    name,
    type: "docker",
    registry: host,
    repository,
    scheme: "http",
    refreshInterval: 0,
    filter: { weekly: { number: 50 }, daily: { number: 50 }, experimental: { number: 0 } },
  };
}
