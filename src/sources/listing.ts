/**
 * Reads the listing of a registry: page by page, so that the process answers calls in between.
 *
 * Tags are understood once: those of the previous listing are taken over. Digests that the listing does not tell are
 * resolved elsewhere (`digests.ts`).
 */
import { inTurns } from "../async/in-turns.ts";
import type { ListedTag } from "../domain/image.ts";
import { compareListed } from "../domain/order.ts";
import { rspTags } from "../domain/rsp-tags.ts";
import { merging, type Steps, sorting, stepSize } from "../domain/steps.ts";
import { isAttachment } from "../domain/tag.ts";
import type { Reader, RegistryTag } from "./reader.ts";

/** What was read before. */
export interface KnownTags {
  /** In the order of listings. */
  readonly tags: readonly ListedTag[];
  readonly byName: ReadonlyMap<string, ListedTag>;
}

export const noTags: KnownTags = { tags: [], byName: new Map() };

export interface Listing {
  /** The previous value where nothing has changed. */
  readonly known: KnownTags;
  readonly warnings: readonly string[];
  /** Number of tags that belong to what tools keep beside images, and are left out. */
  readonly attachments: number;
}

/** Fails as the reader does. */
export async function readListing(
  reader: Reader,
  previous: KnownTags,
  signal: AbortSignal,
): Promise<Listing> {
  const byName = new Map<string, ListedTag>();
  const warnings: string[] = [];
  let attachments = 0;
  for await (const page of reader.list(signal)) {
    warnings.push(...(page.warnings ?? []));
    attachments += await inTurns(addPage(page.tags, previous.byName, byName));
    signal.throwIfAborted();
  }
  return { known: await inTurns(ordered(byName, previous)), warnings, attachments };
}

/** Returns the number of attachments. */
function* addPage(
  page: readonly RegistryTag[],
  known: ReadonlyMap<string, ListedTag>,
  byName: Map<string, ListedTag>,
): Steps<number> {
  let attachments = 0;
  for (const [index, told] of page.entries()) {
    if (isAttachment(told.name)) attachments += 1;
    else byName.set(told.name, read(told, known.get(told.name)));
    if (index % stepSize === stepSize - 1) yield;
  }
  yield;
  return attachments;
}

/** Registries list in any order, so a change is one of the tags, not of their places. Only what is new is sorted. */
function* ordered(byName: ReadonlyMap<string, ListedTag>, previous: KnownTags): Steps<KnownTags> {
  const compare = (a: ListedTag, b: ListedTag) => compareListed(a.tag, b.tag);
  const kept: ListedTag[] = [];
  for (const [index, listed] of previous.tags.entries()) {
    if (byName.get(listed.tag.text) === listed) kept.push(listed);
    if (index % stepSize === stepSize - 1) yield;
  }
  if (kept.length === byName.size && kept.length === previous.tags.length) return previous;
  const added: ListedTag[] = [];
  let seen = 0;
  for (const [name, listed] of byName) {
    if (previous.byName.get(name) !== listed) added.push(listed);
    seen += 1;
    if (seen % stepSize === 0) yield;
  }
  const tags = yield* merging(kept, yield* sorting(added, compare), compare);
  return { tags, byName };
}

/** The tag as it was known, where nothing about it has changed. */
function read(told: RegistryTag, known: ListedTag | undefined): ListedTag {
  const size = told.size || undefined; // 0 is how registries say that they do not know
  const platforms = told.platforms ?? noPlatforms;
  const isSame =
    known !== undefined &&
    known.digest === told.digest &&
    known.size === size &&
    known.uploadTime === told.uploadTime &&
    known.platforms.join() === platforms.join();
  if (isSame) return known;
  const tag = known?.tag ?? rspTags.parse(told.name);
  return { tag, digest: told.digest, size, uploadTime: told.uploadTime, platforms };
}

const noPlatforms: readonly string[] = [];
