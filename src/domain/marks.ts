/**
 * Marks: somebody says that an image is now on a node, before the node lists it (behaviour 8, "Marks").
 *
 * Immutable: each change is a new value that shares what it did not touch, at the cost of a few steps.
 */
import { Map as ImmutableMap, OrderedMap } from "immutable";
import type { NodeIndex } from "./node-cache.ts";

export interface Mark {
  /** Digest of the image, or its tag where it has none. */
  readonly key: string;
  readonly node: string;
  /** When it was made or renewed, milliseconds since the epoch. */
  readonly time: number;
  /** Bytes; 0 where they were not told. */
  readonly size: number;
}

export interface MarksOfKey {
  /** By node. */
  readonly byNode: ImmutableMap<string, Mark>;
  /** The largest size that was told; 0 where none was. */
  readonly size: number;
}

const noMarksOfKey: MarksOfKey = { byNode: ImmutableMap(), size: 0 };

export interface Marks {
  /** By key. */
  readonly byKey: ImmutableMap<string, MarksOfKey>;
  /** The keys that are marked on a node; the node that was marked last stands last. */
  readonly byNode: OrderedMap<string, ImmutableMap<string, true>>;
}

export const noMarks: Marks = { byKey: ImmutableMap(), byNode: OrderedMap() };

/** As many nodes may be marked as a node cache may have (architecture 1, "Limits"). */
export const maxMarkedNodes = 20_000;

/** Makes or renews a mark. Beyond the limit the nodes that were not marked for longest lose theirs. */
export function addMark(marks: Marks, mark: Mark, limit: number = maxMarkedNodes): Marks {
  const { key, node } = mark;
  const before = marks.byKey.get(key) ?? noMarksOfKey;
  const known = before.byNode.get(node);
  const renewed = { ...mark, size: mark.size || known?.size || 0 };
  const keys = (marks.byNode.get(node) ?? ImmutableMap<string, true>()).set(key, true);
  const added: Marks = {
    byKey: marks.byKey.set(key, withMark(before, renewed)),
    byNode: marks.byNode.delete(node).set(node, keys),
  };
  const oldest = added.byNode.size > limit ? added.byNode.keySeq().first() : undefined;
  return oldest === undefined ? added : removeNode(added, oldest);
}

/**
 * The marks that outlive a node cache: it was read before they were made, or the node lists only some of its images
 * and not this one. A node that was created after its mark is another machine, whatever the time.
 * `isListed` says whether the node of the cache lists the image of a key.
 */
export function settleMarks(
  marks: Marks,
  index: NodeIndex,
  isListed: (key: string, node: string) => boolean,
): Marks {
  const survives = ({ key, node: name, time }: Mark) => {
    const node = index.node(name);
    if (node?.createTime !== undefined && node.createTime > time) return false;
    if (index.cache.readTime <= time) return true;
    return node?.partial === true && !isListed(key, name);
  };
  const all = [...allMarks(marks)];
  const surviving = all.filter(survives);
  if (surviving.length === all.length) return marks;
  return surviving.reduce((settled, mark) => addMark(settled, mark), noMarks);
}

/** Every mark, those of the node that was marked last at the end. */
export function* allMarks(marks: Marks): Generator<Mark> {
  for (const [node, keys] of marks.byNode) {
    for (const key of keys.keys()) {
      const mark = marks.byKey.get(key)?.byNode.get(node);
      if (mark) yield mark;
    }
  }
}

function withMark({ byNode, size }: MarksOfKey, mark: Mark): MarksOfKey {
  const after = byNode.set(mark.node, mark);
  const wasLargest = size > mark.size && byNode.get(mark.node)?.size === size;
  return { byNode: after, size: wasLargest ? largest(after) : Math.max(size, mark.size) };
}

function largest(byNode: ImmutableMap<string, Mark>): number {
  return byNode.reduce((size, mark) => Math.max(size, mark.size), 0);
}

function removeNode(marks: Marks, node: string): Marks {
  let { byKey } = marks;
  for (const key of marks.byNode.get(node)?.keys() ?? []) {
    const left = byKey.get(key)?.byNode.delete(node);
    byKey = left?.size ? byKey.set(key, { byNode: left, size: largest(left) }) : byKey.delete(key);
  }
  return { byKey, byNode: marks.byNode.delete(node) };
}
