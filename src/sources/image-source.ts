/**
 * One source of images: the six methods of ImageSource over a reader, and the snapshot that they answer from.
 *
 * Holds what snapshots are made of: the listing, the options, the node cache and the marks in force. What follows
 * from them is computed in `domain/`.
 */
import { abortable } from "../async/abortable.ts";
import { inTurns } from "../async/in-turns.ts";
import {
  type ImageAnswer,
  imageAnswer,
  type MenuEntry,
  menuEntries,
  type PrepulledEntry,
  prepullCounts,
  prepulledEntries,
} from "../domain/answers.ts";
import { type Answer, digestMismatch, lookUpMarked, lookUpReference, lookUpTag } from "../domain/lookup.ts";
import { noMarks } from "../domain/marks.ts";
import type { MenuFilter } from "../domain/menu-filter.ts";
import type { NodeCache } from "../domain/node-cache.ts";
import { mergeOptions, type PrepullOptions } from "../domain/prepull-options.ts";
import type { Reference } from "../domain/reference.ts";
import { placeResolved, type Snapshot } from "../domain/snapshot.ts";
import type { ListAnswer, SourceInfo, UpdateAnswer, UpdateRequest } from "../domain/source-info.ts";
import { addingDigests } from "./digests.ts";
import { Lookups } from "./lookups.ts";
import type { Reader } from "./reader.ts";
import type { RefreshOptions } from "./refresh.ts";
import { RegistryView } from "./registry-view.ts";
import { SourceState } from "./source-state.ts";
import { StateKeeper, type StateStore } from "./state-keeper.ts";
import type { StoredState } from "./stored-state.ts";
import { type SourceLog, Updates } from "./updates.ts";

export interface SourceOptions extends RefreshOptions {
  /** A DNS label. */
  readonly name: string;
  /** Kind of the source, as configured. */
  readonly type: string;
  readonly registry: string;
  readonly repository: string;
  readonly prepull: PrepullOptions;
  readonly filter: MenuFilter;
  /** How long the answer about an unresolved tag is kept, in milliseconds. */
  readonly resolveTtl: number;
  /** What is known of nodes before anybody tells. */
  readonly nodeCache: NodeCache;
}

export class ImageSource {
  readonly #options: SourceOptions;
  readonly #registry: RegistryView;
  readonly #updates: Updates;
  readonly #lookups: Lookups | undefined;
  readonly #state: SourceState;
  readonly #keeper: StateKeeper | undefined;

  /** `changed` is told of everything that could change an answer. Without a store a restart begins with nothing. */
  constructor(
    options: SourceOptions,
    reader: Reader,
    log: SourceLog,
    changed: () => void,
    store?: StateStore,
  ) {
    const { name, registry, repository, prepull, filter, nodeCache, resolveTtl } = options;
    this.#options = options;
    this.#registry = new RegistryView(reader);
    this.#lookups = reader.resolve && new Lookups(reader.resolve.bind(reader), resolveTtl);
    const resolvesOnDemand = reader.resolve !== undefined;
    const data = {
      repository: { registry, repository },
      resolvesOnDemand,
      options: prepull,
      filter,
      nodeCache,
    };
    this.#state = new SourceState(
      name,
      { ...data, marks: noMarks },
      { changed, kept: () => this.#keeper?.changed() },
    );
    this.#updates = new Updates(options, {
      registry: this.#registry,
      state: this.#state,
      log,
      before: () => this.#keeper?.restored(),
      read: () => this.#lookups?.clear(),
    });
    const [take, put] = [() => this.#stored(), (stored: StoredState) => this.#restore(stored)];
    this.#keeper = store && new StateKeeper(store, { ...options, take, put, warned: changed }, log);
  }

  /**
   * Goes on from what an earlier process knew, lists the registry, and goes on doing so. Ends when the first run has
   * ended, well or badly.
   */
  start(): Promise<void> {
    return this.#updates.request();
  }

  /** Ends updates, also those that callers wait for. What is known is answered from as before. */
  stop(): void {
    this.#updates.stop();
  }

  /** Stopped, and nobody calls any more: saves what is not saved yet. */
  async end(): Promise<void> {
    await this.#keeper?.end();
  }

  get info(): SourceInfo {
    const { name, type, registry, repository } = this.#options;
    const { snapshot } = this.#state;
    const warnings = this.#warnings();
    return { name, type, registry, repository, snapshot: snapshot && this.#state.info(snapshot), warnings };
  }

  /** How long the last run took that ended, good or bad, in milliseconds. */
  get refreshMs(): number | undefined {
    return this.#updates.lastMs;
  }

  /** How many images are wanted, and how many of them are on every eligible node. */
  get prepullCounts(): { readonly wanted: number; readonly prepulled: number } {
    const { snapshot } = this.#state;
    return snapshot ? prepullCounts(snapshot) : { wanted: 0, prepulled: 0 };
  }

  /** How many times what is known could not be saved. */
  get saveFailures(): number {
    return this.#keeper?.failures ?? 0;
  }

  /** Fails with `unknown_image`, `digest_mismatch`, or as the registry does where it has to be asked. */
  imageForReference(reference: Reference, signal: AbortSignal): ImageAnswer | Promise<ImageAnswer> {
    const snapshot = this.#state.ready();
    return this.#answer(snapshot, lookUpReference(snapshot, reference), signal);
  }

  /** Fails with `unknown_image`, or as the registry does where it has to be asked. */
  imageForTagName(tag: string, signal: AbortSignal): ImageAnswer | Promise<ImageAnswer> {
    const snapshot = this.#state.ready();
    return this.#answer(snapshot, lookUpTag(snapshot, tag), signal);
  }

  /** Whether the image is known, so that it counts as present on the node. `size` in bytes, 0 where not told. */
  markPrepulled(reference: Reference, node: string, size: number): boolean {
    const { snapshot } = this.#state;
    const image = snapshot && lookUpMarked(snapshot, reference);
    return image !== undefined && this.#state.mark(image, node, size);
  }

  menuImages(): ListAnswer<MenuEntry> {
    const snapshot = this.#state.ready();
    return { images: menuEntries(snapshot), snapshot: this.#state.info(snapshot) };
  }

  /** `nodes` empty: the eligible ones of the node cache. */
  prepulledImages(nodes: readonly string[], countsOnly: boolean): ListAnswer<PrepulledEntry> {
    const snapshot = this.#state.ready();
    return { images: prepulledEntries(snapshot, nodes, countsOnly), snapshot: this.#state.info(snapshot) };
  }

  /**
   * Puts options and nodes in force, lists the registry, and answers with what is wanted on every node. Fails only
   * where there has never been a good listing, and with `not_ready` when the source is stopped meanwhile.
   */
  async updateImages({ prepull, nodeCache }: UpdateRequest, signal: AbortSignal): Promise<UpdateAnswer> {
    this.#updates.stopped.throwIfAborted();
    if (prepull || nodeCache) {
      this.#state.put(prepull && mergeOptions(this.#options.prepull, prepull), nodeCache);
    }
    await abortable(abortable(this.#updates.request(), this.#updates.stopped), signal);
    const { snapshot, failure } = this.#state;
    if (!snapshot) throw failure ?? new Error("a run ended without a listing and without a failure");
    const images = snapshot.choice.images.map((image) => imageAnswer(snapshot, image));
    return { images, snapshot: this.#state.info(snapshot), warnings: this.#warnings() };
  }

  /** Of the last run, and that nothing can be saved. */
  #warnings(): readonly string[] {
    return [...this.#state.warnings, ...(this.#keeper?.warnings ?? [])];
  }

  /** What is worth to outlive the process; undefined where there is nothing, so that what is stored stays. */
  #stored(): StoredState | undefined {
    const { version, data, toldNodes: nodeCache } = this.#state;
    const { listing } = this.#registry;
    return listing || nodeCache ? { version, listing, nodeCache, marks: data.marks } : undefined;
  }

  async #restore({ version, listing, nodeCache, marks }: StoredState): Promise<void> {
    const tags = listing && (await inTurns(addingDigests(listing.known.tags, listing.digests, [])));
    await this.#state.restore({
      ...{ version, nodeCache, marks },
      listing: listing && tags && { tags, time: listing.time },
    });
    if (listing && tags) this.#registry.restore(listing, tags);
  }

  #answer(snapshot: Snapshot, answer: Answer, signal: AbortSignal): ImageAnswer | Promise<ImageAnswer> {
    if ("image" in answer) return imageAnswer(snapshot, answer.image);
    return this.#resolve(snapshot, answer.ask, answer.digest, signal);
  }

  async #resolve(
    snapshot: Snapshot,
    tag: string,
    wanted: string | undefined,
    signal: AbortSignal,
  ): Promise<ImageAnswer> {
    if (!this.#lookups) throw new Error("a reader that does not resolve tags leaves none unresolved");
    const digest = await this.#lookups.digest(tag, wanted, signal);
    if (wanted !== undefined && digest !== wanted) throw digestMismatch(tag, wanted, digest);
    return imageAnswer(snapshot, placeResolved(snapshot, tag, digest));
  }
}
