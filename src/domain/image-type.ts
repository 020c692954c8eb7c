/**
 * The types of tags, in the order in which lists show them (behaviour 1).
 */

export const imageTypes = [
  "alias",
  "release",
  "weekly",
  "daily",
  "release_candidate",
  "experimental",
  "unknown",
] as const;

export type ImageType = (typeof imageTypes)[number];

const ranks = new Map(imageTypes.map((type, rank) => [type, rank]));

/** Place of a type in the order of lists, 0 for the first. */
export function typeRank(type: ImageType): number {
  return ranks.get(type) ?? imageTypes.length;
}
