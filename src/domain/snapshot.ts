/**
 * A snapshot: everything that is answered from, made from plain data by a pure function (behaviour 9).
 *
 * Immutable. What the previous snapshot has that the new data do not touch is taken over, so that a mark or a node
 * cache does not build the images again.
 */
import { type Collection, collecting, collectionOf } from "./collection.ts";
import type { Image, ListedTag } from "./image.ts";
import { addMark, type Mark, type Marks, settleMarks } from "./marks.ts";
import { filterMenu, type MenuFilter } from "./menu-filter.ts";
import { indexingNodes, indexNodes, type NodeCache, type NodeIndex } from "./node-cache.ts";
import { choosePrepull, isInCycle } from "./prepull-choice.ts";
import { aliasNames, type PrepullOptions } from "./prepull-options.ts";
import { isListed, type Presence, presenceKey, presenceOf } from "./presence.ts";
import { canonicalRepository, type Repository } from "./reference.ts";
import { rspTags } from "./rsp-tags.ts";
import type { Steps } from "./steps.ts";

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

/** The images of a listing, read by some options: the costly part of a snapshot. Every snapshot has them. */
export interface ReadImages {
  readonly data: { readonly listing: Pick<TagListing, "tags">; readonly options: PrepullOptions };
  readonly collection: Collection;
}

/** Reads the images in steps, for whoever has to answer others meanwhile. */
export function* readingImages(tags: readonly ListedTag[], options: PrepullOptions): Steps<ReadImages> {
  return { data: { listing: { tags }, options }, collection: yield* collecting(knownTags(tags, options)) };
}

/** Whether the images are those of a listing, read as the options say. */
export function areImagesOf(
  images: ReadImages,
  tags: readonly ListedTag[],
  options: PrepullOptions,
): boolean {
  return images.data.listing.tags === tags && isSameReading(images.data.options, options);
}

/** The index of what is known of nodes, in steps: the other costly part. */
export function readingNodes(nodeCache: NodeCache, repository: Repository): Steps<NodeIndex> {
  return indexingNodes(nodeCache, canonicalRepository(repository).repository);
}

/**
 * `previous` is any earlier snapshot of the same source; images and nodes that were read before are used where they
 * fit.
 */
export function snapshotOf(
  data: SnapshotData,
  previous?: Snapshot,
  read?: ReadImages,
  nodes?: NodeIndex,
): Snapshot {
  const { listing, options, filter, nodeCache, marks, repository, resolvesOnDemand } = data;
  const before = previous?.data;
  const fitting = [previous, read].find((images) => images && areImagesOf(images, listing.tags, options));
  const collection = fitting?.collection ?? collectionOf(knownTags(listing.tags, options));
  const isSameCollection = collection === previous?.collection;
  const choice =
    isSameCollection && before?.options === options ? previous.choice : chooseImages(collection, data);
  const menu =
    isSameCollection && before?.options === options && before.filter === filter && before.listing === listing
      ? previous.menu
      : filterMenu(collection.images, filter, options.recommendedTag, listing.time);
  const isSameIndex = before?.nodeCache === nodeCache;
  const indexed = [previous?.presence.index, nodes].find((known) => known?.cache === nodeCache);
  const index = indexed ?? indexNodes(nodeCache, canonicalRepository(repository).repository);
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

/** Whether tags are read alike under both options: the same are known, and the same are aliases. */
function isSameReading(a: PrepullOptions, b: PrepullOptions): boolean {
  const namesA = aliasNames(a);
  const namesB = aliasNames(b);
  return a.cycle === b.cycle && namesA.size === namesB.size && [...namesA].every((name) => namesB.has(name));
}

/** The tags that pass the cycle filter; those that were named as aliases are read as such. */
function knownTags(tags: readonly ListedTag[], options: PrepullOptions): ListedTag[] {
  const aliases = aliasNames(options);
  return tags
    .filter(({ tag }) => isInCycle(tag, options.cycle))
    .map((listed) =>
      aliases.has(listed.tag.text) ? { ...listed, tag: rspTags.asAlias(listed.tag) } : listed,
    );
}

/** The image of a tag that has this digest now, whatever the snapshot says of it: placed among its images. */
export function placeResolved({ data, collection }: Snapshot, text: string, digest: string): Image {
  const parsed = rspTags.parse(text);
  const tag = aliasNames(data.options).has(text) ? rspTags.asAlias(parsed) : parsed;
  return collection.place({ tag, digest, size: undefined, uploadTime: undefined, platforms: [] });
}

function chooseImages(collection: Collection, { options, resolvesOnDemand }: SnapshotData): Choice {
  const tags = collection.images.map(({ tag }) => tag);
  const chosen = choosePrepull(tags, options);
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
