/**
 * Images: tags of one repository with the digest that they point to, and how tags of one digest relate.
 *
 * Knows one digest at a time; `collection.ts` puts all of them together.
 */
import { nameWithTarget } from "./display-name.ts";
import { compareListed } from "./order.ts";
import type { Tag } from "./tag.ts";

/** A tag with what the registry tells of it. */
export interface ListedTag {
  readonly tag: Tag;
  /** Undefined where it is not known, or where the image has none (static sources). */
  readonly digest: string | undefined;
  /** Bytes; undefined where the registry does not tell. */
  readonly size: number | undefined;
  /** Milliseconds since the epoch. */
  readonly uploadTime: number | undefined;
  /** Digests of the manifests of its platforms, where they are known. */
  readonly platforms: readonly string[];
}

export interface Image extends ListedTag {
  /** All tags of this digest, its own among them, sorted; empty where it is alone. Shared by the images of a digest. */
  readonly siblings: readonly string[];
  /** The tag that this one is another name for. */
  readonly aliasTarget: string | undefined;
}

/** The other tags of the image's digest, sorted. */
export function aliasesOf(image: Image): string[] {
  return image.siblings.filter((text) => text !== image.tag.text);
}

/** Whether an image is left out of every list: it is made for one architecture (behaviour 3, "Hiding"). */
export function isHidden(image: ListedTag): boolean {
  return image.tag.architecture !== undefined;
}

/** Whether a tag says by itself what it is, so that others can be aliases of it. */
export function isPrimary({ tag }: ListedTag): boolean {
  return tag.type !== "alias" && tag.type !== "unknown";
}

/** One list for all images that are alone: most of 100,000 are. */
const alone: readonly string[] = [];

/** An image that shares its digest with no other. */
export function loneImage(listed: ListedTag): Image {
  return { ...listed, siblings: alone, aliasTarget: undefined };
}

/**
 * The images of one digest: what is no primary becomes an alias of the main one (behaviour 3, "Alias resolution").
 * Answers in the order of the input.
 */
export function relateImages(sameDigest: readonly ListedTag[]): Image[] {
  const siblings = sameDigest.length === 1 ? alone : sameDigest.map(({ tag }) => tag.text).sort();
  const main = mainOf(sameDigest);
  return sameDigest.map((listed) => {
    const { tag, digest, size, uploadTime, platforms } = listed;
    if (!main || isPrimary(listed))
      return { tag, digest, size, uploadTime, platforms, siblings, aliasTarget: undefined };
    return {
      tag: aliasFor(tag, main.tag),
      digest,
      size,
      uploadTime,
      platforms,
      siblings,
      aliasTarget: main.tag.text,
    };
  });
}

/** The image that a digest stands for: the first generic primary in the order of lists, else the first primary. */
export function mainOf<T extends ListedTag>(sameDigest: readonly T[]): T | undefined {
  const primaries = sameDigest.filter(isPrimary).sort((a, b) => compareListed(a.tag, b.tag));
  return primaries.find((listed) => !isHidden(listed)) ?? primaries[0];
}

/** The tag of an alias takes from its target what it does not say itself. */
function aliasFor(tag: Tag, target: Tag): Tag {
  const architecture = tag.architecture ?? target.architecture;
  return {
    ...tag,
    type: "alias",
    displayName: nameWithTarget({ base: tag.base ?? tag.text, architecture }, target),
    cycle: target.cycle,
    architecture,
    date: tag.date ?? target.date,
  };
}
