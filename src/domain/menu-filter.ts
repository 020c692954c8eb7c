/**
 * Which images a menu shows: a policy per type, and what always passes (behaviour 6).
 */
import { type Image, isHidden } from "./image.ts";
import type { ImageType } from "./image-type.ts";
import { type Steps, stepSize } from "./steps.ts";
import { compareVersions, type Version } from "./version.ts";

/** All that are given must hold; 0 is a value like any other. */
export interface TypePolicy {
  /** How many to keep, counted after the other rules. */
  readonly number: number | undefined;
  /** How old the date of a tag may be, in milliseconds. */
  readonly age: number | undefined;
  /** The earliest date, in milliseconds since the epoch. */
  readonly cutoffDate: number | undefined;
  /** The lowest version; holds for releases and their candidates only. */
  readonly cutoffVersion: Version | undefined;
  /** The lowest build of the platform's software; holds for tags that name one. */
  readonly cutoffBuild: number | undefined;
}

export interface MenuFilter {
  readonly policies: Readonly<Partial<Record<ImageType, TypePolicy>>>;
  readonly hideUnknown: boolean;
}

/**
 * The images of a menu, in steps. `images` stand in the order of listings; `now` is the time of the listing in
 * milliseconds since the epoch, so that one snapshot gives one answer.
 */
export function* filteringMenu(
  images: readonly Image[],
  filter: MenuFilter,
  recommendedTag: string,
  now: number,
): Steps<Image[]> {
  const kept: Partial<Record<ImageType, number>> = {};
  const isShown = (image: Image): boolean => {
    if (isHidden(image)) return false;
    const { type, text } = image.tag;
    const policy = filter.policies[type];
    const count = kept[type] ?? 0;
    const passes =
      policy === undefined ||
      (holds(policy, image, now) && count < (policy.number ?? Number.POSITIVE_INFINITY));
    if (passes) kept[type] = count + 1;
    if (type === "alias" || text === recommendedTag) return true;
    return type === "unknown" ? !filter.hideUnknown : passes;
  };
  const shown: Image[] = [];
  for (const [index, image] of images.entries()) {
    if (isShown(image)) shown.push(image);
    if (index % stepSize === stepSize - 1) yield;
  }
  return shown;
}

function holds(policy: TypePolicy, { tag }: Image, now: number): boolean {
  const { age, cutoffDate, cutoffVersion, cutoffBuild } = policy;
  const earliest = Math.max(age === undefined ? -Infinity : now - age, cutoffDate ?? -Infinity);
  if (tag.date !== undefined && tag.date < earliest) return false;
  if (cutoffVersion && tag.semantic && tag.version && compareVersions(tag.version, cutoffVersion) < 0)
    return false;
  return cutoffBuild === undefined || tag.build === undefined || tag.build >= cutoffBuild;
}
