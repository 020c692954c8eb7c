/**
 * What a caller read from a cluster about its nodes, and the index by which presence is answered from it.
 *
 * An index is made for one repository; which images that repository has is not looked at.
 */
import { nameReader } from "./listed-name.ts";
import type { Steps } from "./steps.ts";

export interface CachedImage {
  /** As the node lists them: `repository:tag`, `repository@digest`; what is no reference is skipped. */
  readonly names: readonly string[];
  /** Bytes; 0 where the node does not tell. */
  readonly size: number;
}

export interface Node {
  readonly name: string;
  /** Empty: eligible. */
  readonly ineligibleReason: string;
  /** Kubernetes' name; empty: not told. */
  readonly architecture: string;
  /** Milliseconds since the epoch; undefined: not told. */
  readonly createTime: number | undefined;
  readonly images: readonly CachedImage[];
  /** The node lists only some of its images. */
  readonly partial: boolean;
}

export interface NodeCache {
  readonly nodes: readonly Node[];
  /** When it was read, milliseconds since the epoch. */
  readonly readTime: number;
}

/** Nothing known of any node. */
export const noNodes: NodeCache = { nodes: [], readTime: Number.NEGATIVE_INFINITY };

/** What nodes list under one digest or tag. */
export interface Listing {
  readonly nodes: ReadonlySet<string>;
  /** The largest size that a node tells; 0 where none does. */
  readonly size: number;
}

export interface NodeIndex {
  readonly cache: NodeCache;
  node(name: string): Node | undefined;
  /** Names of the eligible nodes, in sorted order. */
  readonly eligible: ReadonlySet<string>;
  /** By a digest, or by a tag of the repository that the index is made for. */
  listing(key: string): Listing | undefined;
}

/** Nodes are named one after the other; the set of them is made when it is first asked for, as most never are. */
class GrowingListing implements Listing {
  readonly #names: string[] = [];
  #nodes: ReadonlySet<string> | undefined;
  size = 0;

  add(node: string, size: number): void {
    this.#names.push(node);
    this.size = Math.max(this.size, size);
  }

  get nodes(): ReadonlySet<string> {
    this.#nodes ??= new Set(this.#names);
    return this.#nodes;
  }
}

/**
 * In steps, a node each, for whoever has to answer others meanwhile. `repository` is the path whose tags count, under any
 * host or mirror's prefix.
 */
export function* indexingNodes(cache: NodeCache, repository: string): Steps<NodeIndex> {
  const nodes = new Map(cache.nodes.map((node) => [node.name, node]));
  const listings = new Map<string, GrowingListing>();
  const readName = nameReader(repository);
  /** Of images that nodes share. */
  const known = new Map<CachedImage, readonly GrowingListing[]>();
  const listingsOf = ({ names }: CachedImage) =>
    names
      .flatMap((name) => readName(name).keys)
      .map((key) => {
        const listing = listings.get(key) ?? new GrowingListing();
        listings.set(key, listing);
        return listing;
      });
  for (const { name, images } of nodes.values()) {
    for (const image of images) {
      const found = known.get(image) ?? listingsOf(image);
      known.set(image, found);
      for (const listing of found) listing.add(name, image.size);
    }
    yield;
  }
  const eligible = [...nodes.values()]
    .filter((node) => node.ineligibleReason === "")
    .map((node) => node.name);
  return {
    cache,
    node: (name) => nodes.get(name),
    eligible: new Set(eligible.sort()),
    listing: (key) => listings.get(key),
  };
}
