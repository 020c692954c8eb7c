/**
 * The order of every listing: by type, and inside a type newest first (behaviour 1 and 4). It is total: equal input
 * in any order gives equal output.
 */
import { typeRank } from "./image-type.ts";
import type { Tag } from "./tag.ts";
import { compareVersions } from "./version.ts";

/** Compares for a listing: below 0 where `a` comes first. */
export function compareListed(a: Tag, b: Tag): number {
  return typeRank(a.type) - typeRank(b.type) || compareAge(b, a);
}

/** Below 0 where `a` is older than `b`. A missing value is older than any, but for the architecture. */
export function compareAge(a: Tag, b: Tag): number {
  return (
    (a.version && b.version ? compareVersions(a.version, b.version) : compare(a.base, b.base)) ||
    compare(a.cycle, b.cycle) ||
    compare(a.cycleBuild, b.cycleBuild) ||
    compare(a.build, b.build) ||
    compare(a.extra, b.extra) ||
    compareArchitecture(a.architecture, b.architecture) ||
    compare(a.text, b.text)
  );
}

/** Texts compare by code unit, so that no locale matters. */
function compare<T extends string | number>(a: T | undefined, b: T | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  return b === undefined || a > b ? 1 : -1;
}

/** The generic image counts as the newest. */
function compareArchitecture(a: string | undefined, b: string | undefined): number {
  return a === undefined || b === undefined ? -compare(a, b) : compare(a, b);
}
