/**
 * What is known of a registry: its tags and the digests of those that are wanted, kept from one reading to the next.
 *
 * A reading that fails changes nothing.
 */
import { inTurns } from "../async/in-turns.ts";
import type { ListedTag } from "../domain/image.ts";
import { choosingPrepull, inCycle } from "../domain/prepull-choice.ts";
import type { PrepullOptions } from "../domain/prepull-options.ts";
import type { TagListing } from "../domain/snapshot.ts";
import { addingDigests, type Digests, resolveDigests } from "./digests.ts";
import { type KnownTags, noTags, readListing } from "./listing.ts";
import type { Reader } from "./reader.ts";
import type { StoredListing } from "./stored-state.ts";

export interface Reading extends TagListing {
  readonly warnings: readonly string[];
  /** Number of tags that are no images and were left out. */
  readonly attachments: number;
}

export class RegistryView {
  readonly #reader: Reader;
  /** As the registry lists them. */
  #known: KnownTags = noTags;
  #digests: Digests = new Map();
  /** Of the last reading. */
  #time: number | undefined;
  /** With the digests that were resolved. */
  #tags: readonly ListedTag[] = [];

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** What is known, to be stored; undefined where nothing has been read. */
  get listing(): StoredListing | undefined {
    if (this.#time === undefined) return undefined;
    return { known: this.#known, digests: this.#digests, time: this.#time };
  }

  /** Goes on from what an earlier process read, and made these tags of. */
  restore({ known, digests, time }: StoredListing, tags: readonly ListedTag[]): void {
    this.#known = known;
    this.#digests = digests;
    this.#tags = tags;
    this.#time = time;
  }

  /** Lists the registry and resolves what the options choose. Fails as the reader's listing does. */
  async read(options: PrepullOptions, signal: AbortSignal): Promise<Reading> {
    const { known, warnings, attachments } = await readListing(this.#reader, this.#known, signal);
    const time = Date.now();
    const resolution = await this.#resolve(known.tags, options, signal);
    signal.throwIfAborted(); // a run that was given up is no good one, whatever it has found
    this.#tags = await inTurns(addingDigests(known.tags, resolution.digests, this.#tags));
    this.#known = known;
    this.#digests = resolution.digests;
    this.#time = time;
    return { tags: this.#tags, time, warnings: [...warnings, ...resolution.warnings], attachments };
  }

  async #resolve(listed: readonly ListedTag[], options: PrepullOptions, signal: AbortSignal) {
    const resolve = this.#reader.resolve?.bind(this.#reader);
    if (!resolve) return { digests: new Map<string, string>(), warnings: [] };
    const chosen = await inTurns(choosingPrepull(await inTurns(inCycle(listed, options.cycle)), options));
    return resolveDigests(resolve, [...chosen.tags], this.#digests, signal);
  }
}
