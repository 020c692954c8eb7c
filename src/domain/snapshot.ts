/**
 * A snapshot: everything that is answered from, made from plain data by a pure function (behaviour 9).
 *
 * Immutable. What the previous snapshot has that the new data do not touch is taken over, so that a mark or a node
 * cache does not build the images again.
 */
import { type Collection, collecting } from "./collection.ts";
import type { Image, ListedTag } from "./image.ts";
import { addMark, type Mark, type Marks, settleMarks } from "./marks.ts";
import { filteringMenu, type MenuFilter } from "./menu-filter.ts";
import { indexingNodes, type NodeCache } from "./node-cache.ts";
import { choosingPrepull, inCycle } from "./prepull-choice.ts";
import { aliasNames, type PrepullOptions } from "./prepull-options.ts";
import { isListed, type Presence, presenceKey, presenceOf } from "./presence.ts";
import { canonicalRepository, type Repository } from "./reference.ts";
import { rspTags } from "./rsp-tags.ts";
import { finish, type Steps, stepSize } from "./steps.ts";

/** The tags of the registry as they were read, with the digests that are known. */
export interface TagListing {
  readonly tags: readonly ListedTag[];
  /** When it was read, milliseconds since the epoch. */
  readonly time: number;
}

/** What a snapshot is made from: it can be printed, stored, and made into the same snapshot again. */
export interface SnapshotData {
  /** As configured. */
  readonly repository: Repository;
  /** Whether a tag without a digest is one that the registry has to be asked about, or an image without a digest. */
  readonly resolvesOnDemand: boolean;
  readonly listing: TagListing;
  readonly options: PrepullOptions;
  readonly filter: MenuFilter;
  readonly nodeCache: NodeCache;
  readonly marks: Marks;
}

export interface Snapshot {
  readonly data: SnapshotData;
  /** The images of all known tags. */
  readonly collection: Collection;
  readonly choice: Choice;
  /** What is odd about the options and the images: a sentence each. */
  readonly warnings: readonly string[];
  /** The images of the menu, in order. */
  readonly menu: readonly Image[];
  readonly presence: Presence;
}

/** What is wanted on every node. */
export interface Choice {
  /** In order; only what is resolved. */
  readonly images: readonly Image[];
  /** Tags that the options name and that do not exist: a sentence each. */
  readonly warnings: readonly string[];
  /** Whether an image, or another tag of its digest, is wanted. */
  isWanted(image: Image): boolean;
}

/** `previous` is any earlier snapshot of the same source; what the new data do not touch is taken over from it. */
export function snapshotOf(data: SnapshotData, previous?: Snapshot): Snapshot {
  return finish(makingSnapshot(data, previous));
}

/** The same in steps, for whoever has to answer others meanwhile. */
export function* makingSnapshot(data: SnapshotData, previous?: Snapshot): Steps<Snapshot> {
  const { listing, options, filter, nodeCache, marks, repository, resolvesOnDemand } = data;
  const before = previous?.data;
  const isSameCollection = previous !== undefined && isSameReading(previous.data, data);
  const collection = isSameCollection
    ? previous.collection
    : yield* collecting(yield* knownTags(listing.tags, options));
  const isSameChoice = isSameCollection && before?.options === options;
  const choice = isSameChoice ? previous.choice : yield* choosing(collection, data);
  const menu =
    isSameChoice && before.filter === filter && before.listing === listing
      ? previous.menu
      : yield* filteringMenu(collection.images, filter, options.recommendedTag, listing.time);
  const isSameIndex = before?.nodeCache === nodeCache;
  const index =
    previous && isSameIndex
      ? previous.presence.index
      : yield* indexingNodes(nodeCache, canonicalRepository(repository).repository);
  const presence =
    isSameCollection && isSameIndex
      ? previous.presence.withMarks(marks)
      : presenceOf(index, marks, resolvesOnDemand);
  const warnings = [...choice.warnings, ...menuWarnings(menu)];
  return { data, collection, choice, warnings, menu, presence };
}

/** As many entries as fit into the 4 MiB that most clients take of a reply. */
const largestMenu = 17_000;

function menuWarnings({ length }: readonly Image[]): string[] {
  if (length <= largestMenu) return [];
  return [
    `the menu has ${length} entries, more than the 4 MiB that most clients take: the source needs a filter`,
  ];
}

/** The snapshot with one mark more, or one renewed: at the same cost, however many nodes and images there are. */
export function receiveMark(snapshot: Snapshot, mark: Mark): Snapshot {
  const before = snapshot.data.marks;
  const marks = addMark(before, mark);
  // Where there are too many marked nodes, the oldest has lost its marks.
  const isOneMore = before.byNode.has(mark.node) || marks.byNode.size > before.byNode.size;
  const presence = snapshot.presence.withMarks(marks, isOneMore ? mark : undefined);
  return { ...snapshot, data: { ...snapshot.data, marks }, presence };
}

/** The snapshot once a node cache has arrived: marks that it outlives are dropped. */
export function receiveNodeCache(snapshot: Snapshot, nodeCache: NodeCache): Snapshot {
  const received = snapshotOf({ ...snapshot.data, nodeCache }, snapshot);
  const { data, collection, presence } = received;
  const marks = settleMarks(data.marks, presence.index, (key, node) => {
    return isListed(presence.index, key, collection.byDigest(key)?.platforms ?? [], node);
  });
  return snapshotOf({ ...data, marks }, received);
}

/** Whether the same tags are read alike: the same are known, and the same are aliases. */
function isSameReading(a: SnapshotData, b: SnapshotData): boolean {
  if (a.listing.tags !== b.listing.tags || a.options.cycle !== b.options.cycle) return false;
  if (a.options === b.options) return true;
  const [namesA, namesB] = [aliasNames(a.options), aliasNames(b.options)];
  return namesA.size === namesB.size && [...namesA].every((name) => namesB.has(name));
}

/** The tags that pass the cycle filter; those that were named as aliases are read as such. */
function* knownTags(tags: readonly ListedTag[], options: PrepullOptions): Steps<ListedTag[]> {
  const aliases = aliasNames(options);
  const known: ListedTag[] = [];
  for (const [index, listed] of (yield* inCycle(tags, options.cycle)).entries()) {
    const isAlias = aliases.has(listed.tag.text);
    known.push(isAlias ? { ...listed, tag: rspTags.asAlias(listed.tag) } : listed);
    if (index % stepSize === stepSize - 1) yield;
  }
  return known;
}

/** The image of a tag that has this digest now, whatever the snapshot says of it: placed among its images. */
export function placeResolved({ data, collection }: Snapshot, text: string, digest: string): Image {
  const parsed = rspTags.parse(text);
  const tag = aliasNames(data.options).has(text) ? rspTags.asAlias(parsed) : parsed;
  return collection.place({ tag, digest, size: undefined, uploadTime: undefined, platforms: [] });
}

function* choosing(collection: Collection, { options, resolvesOnDemand }: SnapshotData): Steps<Choice> {
  const chosen = yield* choosingPrepull(collection.images, options);
  const images = collection
    .subset(chosen.tags)
    .filter((image) => presenceKey(image, resolvesOnDemand) !== undefined);
  const keys = new Set(images.map((image) => presenceKey(image, resolvesOnDemand)));
  return {
    images,
    warnings: chosen.warnings,
    isWanted: (image) => keys.has(presenceKey(image, resolvesOnDemand)),
  };
}
