/**
 * All images of one repository, in order, with their aliases resolved. Built once and not changed afterwards; equal
 * input in any order gives an equal collection.
 *
 * Holds also tags whose digest is not known. Which nodes hold an image is not its concern.
 */
import { type Image, isHidden, type ListedTag, loneImage, mainOf, relateImages } from "./image.ts";
import type { ImageType } from "./image-type.ts";
import { compareListed } from "./order.ts";
import { merging, type Steps, sorting, stepSize } from "./steps.ts";

export interface Collection {
  /** All images in the order of listings. */
  readonly images: readonly Image[];
  /** Number of images whose digest is known. */
  readonly digestCount: number;
  byTag(text: string): Image | undefined;
  /** The image that a digest stands for: the main primary, else the first alias. */
  byDigest(digest: string): Image | undefined;
  /** The newest of a type that is not made for one architecture. */
  latest(type: ImageType): Image | undefined;
  /** Those of the given tags that are there, in order. */
  subset(tags: ReadonlySet<string>): Image[];
  /** What the image would be in this collection, whatever the collection says of its tag now. */
  place(listed: ListedTag): Image;
}

/** In steps; quick where the tags are in the order of listings already. Tags that stand twice count once, the last one wins. */
export function* collecting(listed: readonly ListedTag[]): Steps<Collection> {
  const byTag = new Map<string, Image>();
  for (const [index, entry] of listed.entries()) {
    byTag.set(entry.tag.text, loneImage(entry));
    if (index % stepSize === 0) yield;
  }
  const byDigest = yield* grouping(byTag.values());
  let digestCount = 0;
  for (const [digest, group] of byDigest) {
    digestCount += group.length;
    if (group.length > 1) {
      const related = relateImages(group);
      byDigest.set(digest, related);
      for (const image of related) byTag.set(image.tag.text, image);
    }
    if (digestCount % stepSize === 0) yield;
  }
  const images = [...byTag.values()];
  const ordered = yield* ordering(images);
  return {
    images: ordered,
    digestCount,
    byTag: (text) => byTag.get(text),
    byDigest(digest) {
      const group = byDigest.get(digest);
      return group && (mainOf(group) ?? firstOf(group));
    },
    latest: (type) => ordered.find((image) => image.tag.type === type && !isHidden(image)),
    subset: (tags) =>
      [...tags].flatMap((text) => byTag.get(text) ?? []).sort((a, b) => compareListed(a.tag, b.tag)),
    place(listed) {
      const others = listed.digest === undefined ? [] : (byDigest.get(listed.digest) ?? []);
      const group = [listed, ...others.filter(({ tag }) => tag.text !== listed.tag.text)];
      return relateImages(group)[0] ?? loneImage(listed);
    },
  };
}

function* grouping(images: Iterable<Image>): Steps<Map<string, Image[]>> {
  const groups = new Map<string, Image[]>();
  let count = 0;
  for (const entry of images) {
    count += 1;
    if (count % stepSize === 0) yield;
    if (entry.digest === undefined) continue;
    const group = groups.get(entry.digest);
    if (group) group.push(entry);
    else groups.set(entry.digest, [entry]);
  }
  return groups;
}

/** What has become an alias has changed its place; the rest is usually in order. */
function* ordering(images: readonly Image[]): Steps<Image[]> {
  const compare = (a: Image, b: Image) => compareListed(a.tag, b.tag);
  const aliases = images.filter(({ tag }) => tag.type === "alias");
  const others = images.filter(({ tag }) => tag.type !== "alias");
  return yield* merging(aliases.sort(compare), yield* sorting(others, compare), compare);
}

function firstOf(group: readonly Image[]): Image | undefined {
  return [...group].sort((a, b) => compareListed(a.tag, b.tag))[0];
}
