/**
 * Which nodes hold an image: what the nodes list, and the marks in force (behaviour 8).
 *
 * Three answers for a node and an image, and none where the node's architecture does not fit. Which images are
 * wanted there is not asked.
 */
import { fitsArchitecture } from "./architecture.ts";
import { type Holders, type HoldersMemo, holdersIn } from "./holders.ts";
import type { Image } from "./image.ts";
import type { Mark, Marks } from "./marks.ts";
import type { NodeIndex } from "./node-cache.ts";
import { absentCounts, type NodeCounts, stateOfAbsent } from "./node-counts.ts";

export type { NodeCounts } from "./node-counts.ts";

/** Names of nodes. */
export interface NodeStates {
  readonly present: readonly string[];
  readonly missing: readonly string[];
  readonly unknown: readonly string[];
}

export interface Presence {
  readonly index: NodeIndex;
  readonly marks: Marks;
  /**
   * The same nodes and images with other marks; what they do not touch is not computed again. `added`: they differ by
   * this one alone, which costs the same for any number of nodes.
   */
  withMarks(marks: Marks, added?: Mark): Presence;
  /** Names of all nodes that hold the image, eligible or not, sorted. */
  nodes(image: Image): readonly string[];
  holds(image: Image, node: string): boolean;
  /** Bytes: what the registry tells, else the largest that nodes and marks tell; undefined where nobody does. */
  size(image: Image): number | undefined;
  /** How many of the nodes hold the image or do not; `asked` undefined: of the eligible ones. */
  counts(image: Image, asked?: ReadonlySet<string>): NodeCounts;
  /** The same by names, in the order of `asked`. */
  states(image: Image, asked?: ReadonlySet<string>): NodeStates;
}

/** An image is prepulled where it is on all nodes asked about, and there is one (behaviour 8). */
export function isPrepulled({ present, missing, unknown }: NodeCounts): boolean {
  return present > 0 && missing === 0 && unknown === 0;
}

/** By what an image is found in an index and in marks; undefined where it is not resolved. */
export function presenceKey(image: Image, resolvesOnDemand: boolean): string | undefined {
  return image.digest ?? (resolvesOnDemand ? undefined : image.tag.text);
}

/** Whether a node lists an image by its key or by one of its platforms' digests. */
export function isListed(index: NodeIndex, key: string, platforms: readonly string[], node: string): boolean {
  return [key, ...platforms].some((name) => index.listing(name)?.nodes.has(node));
}

/** The images asked about belong to one collection, so that a digest always has the same platforms. */
export function presenceOf(
  index: NodeIndex,
  marks: Marks,
  resolvesOnDemand: boolean,
  memo: HoldersMemo = new Map(),
): Presence {
  function holders(image: Image): Holders {
    const key = presenceKey(image, resolvesOnDemand);
    return holdersIn(index, memo, key, image.platforms, key === undefined ? undefined : marks.byKey.get(key));
  }

  function states(image: Image, asked: ReadonlySet<string> = index.eligible): NodeStates {
    const found = { present: [] as string[], missing: [] as string[], unknown: [] as string[] };
    const isResolved = presenceKey(image, resolvesOnDemand) !== undefined;
    const holding = holders(image);
    for (const name of asked) {
      const state = !isResolved ? "unknown" : holding.has(name) ? "present" : stateOfAbsent(index, name);
      const fits = fitsArchitecture(image.tag.architecture, index.node(name)?.architecture ?? "");
      if (state === "present" || fits) found[state].push(name);
    }
    return found;
  }

  /** Of an image that fits every node. Costs as much as there are holders, not nodes. */
  function countGeneric(holding: Holders, asked: ReadonlySet<string>): NodeCounts {
    if (asked === index.eligible) return holding.eligible;
    const counts = { present: 0, ...absentCounts(index, asked) };
    for (const name of holding.sorted) {
      if (!asked.has(name)) continue;
      counts[stateOfAbsent(index, name)] -= 1;
      counts.present += 1;
    }
    return counts;
  }

  return {
    index,
    marks,
    states,
    withMarks(changed, added) {
      const before = added && memo.get(added.key);
      const ofKey = added && changed.byKey.get(added.key);
      if (added && before && ofKey && before.marks === marks.byKey.get(added.key))
        memo.set(added.key, before.withMark(added, ofKey));
      return presenceOf(index, changed, resolvesOnDemand, memo);
    },
    nodes: (image) => holders(image).sorted,
    holds: (image, node) => holders(image).has(node),
    size: (image) => image.size || holders(image).size || undefined,
    counts(image, asked = index.eligible) {
      if (image.tag.architecture !== undefined) {
        const { present, missing, unknown } = states(image, asked);
        return { present: present.length, missing: missing.length, unknown: unknown.length };
      }
      if (presenceKey(image, resolvesOnDemand) === undefined) {
        return { present: 0, missing: 0, unknown: asked.size };
      }
      return countGeneric(holders(image), asked);
    },
  };
}
