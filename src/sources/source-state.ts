/**
 * What is in force at a source: the data that snapshots are made of, the snapshot, and how the last run ended. Each
 * change makes a new snapshot beside the old one and swaps it whole (behaviour 9).
 *
 * Neither reads the registry nor answers anybody.
 */
import { inTurns } from "../async/in-turns.ts";
import { DomainError } from "../domain/errors.ts";
import type { Image } from "../domain/image.ts";
import type { Marks } from "../domain/marks.ts";
import type { NodeCache } from "../domain/node-cache.ts";
import type { PrepullOptions } from "../domain/prepull-options.ts";
import { presenceKey } from "../domain/presence.ts";
import {
  makingSnapshot,
  receiveMark,
  receiveNodeCache,
  type Snapshot,
  type SnapshotData,
  snapshotOf,
  type TagListing,
} from "../domain/snapshot.ts";
import type { SnapshotInfo } from "../domain/source-info.ts";

export type StandingData = Omit<SnapshotData, "listing">;

/** What an earlier process knew; undefined: nothing of that. */
export interface EarlierData {
  readonly version: number;
  readonly listing: TagListing | undefined;
  readonly nodeCache: NodeCache | undefined;
  readonly marks: Marks;
}

/** Who is told of what. */
export interface StateListeners {
  /** Of everything that could change an answer. */
  changed(): void;
  /** Of that, and of what only says for how long an answer holds: a mark that is made again. */
  kept(): void;
}

export class SourceState {
  readonly #source: string;
  readonly #listeners: StateListeners;
  readonly #configuredNodes: NodeCache;
  #data: StandingData;
  #snapshot: Snapshot | undefined;
  #version = Date.now() * 1000; // larger than that of an earlier process
  /** Whether the listing in force is one of an earlier process. */
  #isEarlier = false;
  #failure: DomainError | undefined;
  #warnings: readonly string[] = [];

  constructor(source: string, data: StandingData, listeners: StateListeners) {
    this.#source = source;
    this.#data = data;
    this.#configuredNodes = data.nodeCache;
    this.#listeners = listeners;
  }

  get data(): StandingData {
    return this.#data;
  }

  get version(): number {
    return this.#version;
  }

  /** The node cache that somebody has told; undefined where nobody has. */
  get toldNodes(): NodeCache | undefined {
    const { nodeCache } = this.#data;
    return nodeCache === this.#configuredNodes ? undefined : nodeCache;
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Why the last run failed; undefined where it did not. */
  get failure(): DomainError | undefined {
    return this.#failure;
  }

  /** Of the last run: a sentence each. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** The snapshot; fails with `not_ready` where there has never been a listing. */
  ready(): Snapshot {
    if (this.#snapshot) return this.#snapshot;
    const because = this.#failure ? `: ${this.#failure.message}` : "";
    throw new DomainError("not_ready", `the registry of ${this.#source} has not been listed yet${because}`);
  }

  info(snapshot: Snapshot): SnapshotInfo {
    return {
      source: this.#source,
      version: this.#version,
      updateTime: snapshot.data.listing.time,
      tagCount: snapshot.collection.images.length,
      imageCount: snapshot.collection.digestCount,
      nodeCount: snapshot.presence.index.eligible.size,
      stale: this.#isEarlier || this.#failure !== undefined,
      lastError: this.#failure?.message ?? "",
    };
  }

  /**
   * Puts in force what an earlier process knew, whole, before the first run has ended. What callers have told
   * meanwhile is newer.
   */
  async restore({ version, listing, nodeCache, marks }: EarlierData): Promise<void> {
    const before = nodeCache ?? this.#configuredNodes;
    const made =
      listing && (await inTurns(makingSnapshot({ ...this.#data, marks, nodeCache: before, listing })));
    const told = this.toldNodes;
    const data = { ...this.#data, marks, nodeCache: before };
    const snapshot = listing && snapshotOf({ ...data, listing }, made);
    this.#data = data;
    this.#snapshot = snapshot;
    this.#isEarlier = snapshot !== undefined;
    this.#version = Math.max(version + 1, this.#version);
    if (told) this.#receive(told);
    this.#listeners.changed();
  }

  /** Puts options and nodes in force, those that are not undefined; at once where there is a listing. */
  put(options: PrepullOptions | undefined, nodeCache: NodeCache | undefined): void {
    if (options) this.#make({ options });
    if (nodeCache) this.#receive(nodeCache);
    this.#moved();
  }

  /** Marks an image; false where it is not resolved. `size` in bytes, 0 where it is not told. */
  mark(image: Image, node: string, size: number): boolean {
    const key = presenceKey(image, this.#data.resolvesOnDemand);
    if (key === undefined) return false;
    const { presence } = this.ready();
    const [wasHeld, sizeBefore, { byNode }] = [
      presence.holds(image, node),
      presence.size(image),
      presence.marks,
    ];
    const snapshot = receiveMark(this.ready(), { key, node, time: Date.now(), size });
    const { marks } = snapshot.data;
    this.#snapshot = snapshot;
    this.#data = { ...this.#data, marks };
    // Where there are too many marked nodes, the oldest has lost its marks.
    const isFull = !byNode.has(node) && marks.byNode.size === byNode.size;
    if (isFull || !wasHeld || sizeBefore !== snapshot.presence.size(image)) this.#moved();
    else this.#listeners.kept();
    return true;
  }

  /** A run has read the registry. What is known is answered from until the new snapshot is made. */
  async listed(listing: TagListing, warnings: readonly string[]): Promise<void> {
    let made = await inTurns(makingSnapshot({ ...this.#data, listing }, this.#snapshot));
    while (made.data.nodeCache !== this.#data.nodeCache)
      made = await inTurns(makingSnapshot({ ...this.#data, listing }, made));
    this.#snapshot = snapshotOf({ ...this.#data, listing }, made); // with what has changed meanwhile
    this.#failure = undefined;
    this.#isEarlier = false;
    this.#warnings = [...warnings, ...this.ready().warnings];
    this.#moved();
  }

  /** A run has failed; what was known stays. */
  failed(failure: DomainError): void {
    this.#failure = failure;
    this.#warnings = [failure.message, ...(this.#snapshot?.warnings ?? [])];
    this.#moved();
  }

  #make(changes: Partial<StandingData>): void {
    this.#data = { ...this.#data, ...changes };
    if (!this.#snapshot) return;
    this.#snapshot = snapshotOf({ ...this.#snapshot.data, ...changes }, this.#snapshot);
  }

  #receive(nodeCache: NodeCache): void {
    this.#snapshot = this.#snapshot && receiveNodeCache(this.#snapshot, nodeCache);
    this.#data = { ...this.#data, nodeCache, ...(this.#snapshot && { marks: this.#snapshot.data.marks }) };
  }

  #moved(): void {
    this.#version += 1;
    this.#listeners.changed();
    this.#listeners.kept();
  }
}
