/**
 * How many nodes hold an image, lack it, or cannot tell.
 */
import type { NodeIndex } from "./node-cache.ts";

export interface NodeCounts {
  readonly present: number;
  readonly missing: number;
  readonly unknown: number;
}

export type AbsentCounts = Omit<NodeCounts, "present">;

/** What is to be said of a node that does not list an image. */
export function stateOfAbsent(index: NodeIndex, name: string): keyof AbsentCounts {
  const node = index.node(name);
  return node === undefined || node.partial ? "unknown" : "missing";
}

const known = new WeakMap<
  ReadonlySet<string>,
  { readonly index: NodeIndex; readonly counts: AbsentCounts }
>();

/** How many would lack an image that no node holds. Remembered for the nodes that were asked about last. */
export function absentCounts(index: NodeIndex, asked: ReadonlySet<string>): AbsentCounts {
  const found = known.get(asked);
  if (found?.index === index) return found.counts;
  const counts = { missing: 0, unknown: 0 };
  for (const name of asked) counts[stateOfAbsent(index, name)] += 1;
  known.set(asked, { index, counts });
  return counts;
}
