/**
 * The nodes that hold one image: those that list it, and those that are marked. Made once for an index; a mark more
 * makes new ones from the old at the same cost, however many there are.
 */
import type { Mark, MarksOfKey } from "./marks.ts";
import type { Listing, NodeIndex } from "./node-cache.ts";
import { absentCounts, type NodeCounts, stateOfAbsent } from "./node-counts.ts";

export class Holders {
  readonly marks: MarksOfKey | undefined;
  readonly #index: NodeIndex;
  readonly #listings: readonly Listing[];
  #sorted: readonly string[] | undefined;
  #eligible: NodeCounts | undefined;

  constructor(
    index: NodeIndex,
    listings: readonly Listing[],
    marks: MarksOfKey | undefined,
    eligible?: NodeCounts,
  ) {
    this.marks = marks;
    this.#index = index;
    this.#listings = listings;
    this.#eligible = eligible;
  }

  has(node: string): boolean {
    return this.#listings.some(({ nodes }) => nodes.has(node)) || this.marks?.byNode.has(node) === true;
  }

  /** Bytes: the largest that nodes and marks tell; 0 where nobody does. */
  get size(): number {
    return this.#listings.reduce((largest, { size }) => Math.max(largest, size), this.marks?.size ?? 0);
  }

  /** Their names. */
  get sorted(): readonly string[] {
    this.#sorted ??= [...this.#names()].sort();
    return this.#sorted;
  }

  /** Of the eligible nodes, where the image fits every node. */
  get eligible(): NodeCounts {
    this.#eligible ??= this.#count();
    return this.#eligible;
  }

  /** With one mark more, or one renewed; `marks` are all of them. */
  withMark({ node }: Mark, marks: MarksOfKey): Holders {
    const counts = this.#eligible;
    const isNew = counts && !this.has(node) && this.#index.eligible.has(node);
    const eligible = isNew ? moved(counts, stateOfAbsent(this.#index, node)) : counts;
    return new Holders(this.#index, this.#listings, marks, eligible);
  }

  #names(): ReadonlySet<string> {
    const [first, ...others] = this.#listings;
    const names = new Set(first?.nodes);
    for (const { nodes } of others) for (const name of nodes) names.add(name);
    for (const name of this.marks?.byNode.keys() ?? []) names.add(name);
    return names;
  }

  #count(): NodeCounts {
    const { eligible } = this.#index;
    const counts = { present: 0, ...absentCounts(this.#index, eligible) };
    for (const name of this.#names()) {
      if (!eligible.has(name)) continue;
      counts[stateOfAbsent(this.#index, name)] -= 1;
      counts.present += 1;
    }
    return counts;
  }
}

function moved(counts: NodeCounts, from: "missing" | "unknown"): NodeCounts {
  return { ...counts, [from]: counts[from] - 1, present: counts.present + 1 };
}

/** By key, those of the marks that were asked about last; for one index. */
export type HoldersMemo = Map<string | undefined, Holders>;

/** `key` undefined: of an image that is not resolved, which nobody holds. */
export function holdersIn(
  index: NodeIndex,
  memo: HoldersMemo,
  key: string | undefined,
  platforms: readonly string[],
  marks: MarksOfKey | undefined,
): Holders {
  const known = memo.get(key);
  if (known && known.marks === marks) return known;
  const names = key === undefined ? [] : [key, ...platforms];
  const listings = names.flatMap((name) => index.listing(name) ?? []);
  // What nobody holds is one for all of them: most tags of a registry are on no node.
  const memoKey = !marks && listings.length === 0 ? undefined : key;
  const shared = memoKey === undefined ? memo.get(undefined) : undefined;
  const holders = shared ?? new Holders(index, listings, marks);
  memo.set(memoKey, holders);
  return holders;
}
