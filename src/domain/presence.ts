/**
 * Which nodes hold an image: what the nodes list, and the marks in force (behaviour 8).
 *
 * Three answers for a node and an image, and none where the node's architecture does not fit. Which images are
 * wanted there is not asked.
 */
import { fitsArchitecture } from "./architecture.ts";
import type { Image } from "./image.ts";
import type { Marks, MarksOfKey } from "./marks.ts";
import type { NodeIndex } from "./node-cache.ts";

export interface NodeCounts {
  readonly present: number;
  readonly missing: number;
  readonly unknown: number;
}

/** Names of nodes. */
export interface NodeStates {
  readonly present: readonly string[];
  readonly missing: readonly string[];
  readonly unknown: readonly string[];
}

export interface Presence {
  readonly index: NodeIndex;
  readonly marks: Marks;
  /** The same nodes and images with other marks; what they do not touch is not computed again. */
  withMarks(marks: Marks): Presence;
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

interface Holders {
  readonly nodes: ReadonlySet<string>;
  readonly sorted: readonly string[];
  readonly size: number;
  readonly eligible: NodeCounts;
}

/** What was computed for one index; that of a key holds as long as its marks are the same. */
interface Memo {
  readonly byKey: Map<string, { readonly marks: MarksOfKey | undefined; readonly holders: Holders }>;
  readonly absent: WeakMap<ReadonlySet<string>, Omit<NodeCounts, "present">>;
  nobody?: Holders;
}

/** The images asked about belong to one collection, so that a digest always has the same platforms. */
export function presenceOf(
  index: NodeIndex,
  marks: Marks,
  resolvesOnDemand: boolean,
  memo: Memo = { byKey: new Map(), absent: new WeakMap() },
): Presence {
  function holders(image: Image): Holders {
    const key = presenceKey(image, resolvesOnDemand);
    const ofKey = key === undefined ? undefined : marks.byKey.get(key);
    const listings =
      key === undefined ? [] : [key, ...image.platforms].flatMap((name) => index.listing(name) ?? []);
    if (key === undefined || (!ofKey && listings.length === 0)) {
      memo.nobody ??= holdersOf([], 0);
      return memo.nobody;
    }
    const known = memo.byKey.get(key);
    if (known && known.marks === ofKey) return known.holders;
    const marked = [...(ofKey?.values() ?? [])];
    const names = [...listings.flatMap(({ nodes }) => [...nodes]), ...marked.map(({ node }) => node)];
    const size = [...listings, ...marked].reduce((largest, told) => Math.max(largest, told.size), 0);
    const computed = holdersOf(names, size);
    memo.byKey.set(key, { marks: ofKey, holders: computed });
    return computed;
  }

  function holdersOf(names: readonly string[], size: number): Holders {
    const nodes = new Set(names);
    return { nodes, sorted: [...nodes].sort(), size, eligible: countGeneric(nodes, index.eligible) };
  }

  /** Of an image that fits every node. Costs as much as there are holders, not nodes. */
  function countGeneric(holding: ReadonlySet<string>, asked: ReadonlySet<string>): NodeCounts {
    const counts = { present: 0, ...countAbsent(asked) };
    for (const name of holding) {
      if (!asked.has(name)) continue;
      counts[stateOfAbsent(name)] -= 1;
      counts.present += 1;
    }
    return counts;
  }

  /** How many would lack an image that no node holds. */
  function countAbsent(asked: ReadonlySet<string>): Omit<NodeCounts, "present"> {
    const known = memo.absent.get(asked);
    if (known) return known;
    const counts = { missing: 0, unknown: 0 };
    for (const name of asked) counts[stateOfAbsent(name)] += 1;
    memo.absent.set(asked, counts);
    return counts;
  }

  function stateOfAbsent(name: string): "missing" | "unknown" {
    const node = index.node(name);
    return node === undefined || node.partial ? "unknown" : "missing";
  }

  function states(image: Image, asked: ReadonlySet<string> = index.eligible): NodeStates {
    const found = { present: [] as string[], missing: [] as string[], unknown: [] as string[] };
    const isResolved = presenceKey(image, resolvesOnDemand) !== undefined;
    const { nodes } = holders(image);
    for (const name of asked) {
      const state = !isResolved ? "unknown" : nodes.has(name) ? "present" : stateOfAbsent(name);
      const fits = fitsArchitecture(image.tag.architecture, index.node(name)?.architecture ?? "");
      if (state === "present" || fits) found[state].push(name);
    }
    return found;
  }

  return {
    index,
    marks,
    states,
    withMarks: (changed) => presenceOf(index, changed, resolvesOnDemand, memo),
    nodes: (image) => holders(image).sorted,
    holds: (image, node) => holders(image).nodes.has(node),
    size: (image) => image.size || holders(image).size || undefined,
    counts(image, asked = index.eligible) {
      if (image.tag.architecture !== undefined) {
        const { present, missing, unknown } = states(image, asked);
        return { present: present.length, missing: missing.length, unknown: unknown.length };
      }
      if (presenceKey(image, resolvesOnDemand) === undefined) {
        return { present: 0, missing: 0, unknown: asked.size };
      }
      const { nodes, eligible } = holders(image);
      return asked === index.eligible ? eligible : countGeneric(nodes, asked);
    },
  };
}
