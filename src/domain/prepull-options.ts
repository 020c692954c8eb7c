/**
 * The options that decide which images are wanted on every node: as configured, and as a caller replaces them.
 */

export interface PrepullOptions {
  /** The tag that is recommended to users; the empty string for none. */
  readonly recommendedTag: string;
  readonly numReleases: number;
  readonly numWeeklies: number;
  readonly numDailies: number;
  /** Only tags that name this cycle are known at all; undefined: all are. */
  readonly cycle: number | undefined;
  /** Tags that are wanted whatever their age. */
  readonly pin: readonly string[];
  /** Tags that are other names for an image, besides the recommended one. */
  readonly aliasTags: readonly string[];
}

/** What holds where nothing is configured (behaviour 5). */
export const defaultPrepullOptions: PrepullOptions = {
  recommendedTag: "recommended",
  numReleases: 1,
  numWeeklies: 2,
  numDailies: 3,
  cycle: undefined,
  pin: [],
  aliasTags: [],
};

/** Options as a caller gives them: what is undefined, and an empty list, is as configured. */
export type RequestedOptions = { readonly [K in keyof PrepullOptions]?: PrepullOptions[K] | undefined };

export function mergeOptions(configured: PrepullOptions, requested: RequestedOptions): PrepullOptions {
  return {
    recommendedTag: requested.recommendedTag ?? configured.recommendedTag,
    numReleases: requested.numReleases ?? configured.numReleases,
    numWeeklies: requested.numWeeklies ?? configured.numWeeklies,
    numDailies: requested.numDailies ?? configured.numDailies,
    cycle: requested.cycle ?? configured.cycle,
    pin: requested.pin?.length ? requested.pin : configured.pin,
    aliasTags: requested.aliasTags?.length ? requested.aliasTags : configured.aliasTags,
  };
}

/** The tags that are aliases because somebody named them. */
export function aliasNames({ recommendedTag, aliasTags }: PrepullOptions): Set<string> {
  return new Set(recommendedTag === "" ? aliasTags : [recommendedTag, ...aliasTags]);
}
