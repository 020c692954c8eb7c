/**
 * Versions of three numbers and, for release candidates, a fourth. They are compared as numbers, so that
 * candidate 10 is newer than candidate 9.
 */

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Number of a release candidate; absent for what is no candidate. */
  readonly prerelease: number | undefined;
}

/** Below 0 where `a` is older than `b`. A candidate is older than what it is a candidate for. */
export function compareVersions(a: Version, b: Version): number {
  return (
    a.major - b.major ||
    a.minor - b.minor ||
    a.patch - b.patch ||
    compareNumbers(a.prerelease ?? Number.POSITIVE_INFINITY, b.prerelease ?? Number.POSITIVE_INFINITY)
  );
}

const pattern = /^(\d{1,10})\.(\d{1,10})\.(\d{1,10})(?:-rc(\d{1,10}))?$/;

/** Reads `25.0.0` or `25.0.0-rc2`; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const [, major, minor, patch, prerelease] = pattern.exec(text) ?? [];
  if (major === undefined) return undefined;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    prerelease: prerelease === undefined ? undefined : Number(prerelease),
  };
}

/** Unlike a subtraction it holds for infinities. */
function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
