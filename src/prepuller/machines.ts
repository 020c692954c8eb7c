/**
 * What is remembered of every machine, by the UID of its node: another one under the same name starts anew. The rules
 * are those of `domain/node-memory.ts`; here is only their state.
 */
import type { ClusterNode } from "../domain/cluster-node.ts";
import {
  afterFailure,
  afterList,
  afterPull,
  emptyMemory,
  keepOnly,
  type NodeMemory,
} from "../domain/node-memory.ts";
import { isPartial } from "../domain/reported-nodes.ts";

export interface MachinesOptions {
  /** How late a node may list an image that is there, in milliseconds. */
  readonly nodeStatusLag: number;
  /** How many images a node lists at most; -1: all. */
  readonly nodeStatusMaxImages: number;
  readonly random: () => number;
}

export class Machines {
  readonly #options: MachinesOptions;
  readonly #memories = new Map<string, NodeMemory>();

  constructor(options: MachinesOptions) {
    this.#options = options;
  }

  get memories(): ReadonlyMap<string, NodeMemory> {
    return this.#memories;
  }

  of({ uid }: ClusterNode): NodeMemory {
    return this.#memories.get(uid) ?? emptyMemory;
  }

  pulled(node: ClusterNode, digest: string, now: number, listedAs: string): void {
    this.#memories.set(node.uid, afterPull(this.of(node), digest, now, listedAs));
  }

  failed(node: ClusterNode, digest: string, reason: string, message: string, now: number): void {
    const { random } = this.#options;
    this.#memories.set(node.uid, afterFailure(this.of(node), digest, reason, message, now, random()));
  }

  /** Compares with what a node lists now. Gives the images that were there and are not any more. */
  listed(node: ClusterNode, readTime: number, now: number): string[] {
    const before = this.#memories.get(node.uid);
    if (!before) return [];
    const { nodeStatusLag, nodeStatusMaxImages, random } = this.#options;
    const partial = isPartial(node, nodeStatusMaxImages);
    const after = afterList(before, node, readTime - nodeStatusLag, partial, now, random());
    if (after === before) return [];
    this.#memories.set(node.uid, after);
    return [...after.images].flatMap(([digest, { evictions }]) =>
      evictions > (before.images.get(digest)?.evictions ?? 0) ? [digest] : [],
    );
  }

  /** Forgets images that are no longer wanted, and machines that are no more. */
  keepOnly(digests: ReadonlySet<string>, uids: ReadonlySet<string>): void {
    for (const [uid, memory] of this.#memories) {
      if (uids.has(uid)) this.#memories.set(uid, keepOnly(memory, digests));
      else this.#memories.delete(uid);
    }
  }

  forget({ uid }: ClusterNode): void {
    this.#memories.delete(uid);
  }
}
