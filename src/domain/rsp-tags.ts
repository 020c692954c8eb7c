/**
 * The tag scheme of the Rubin Science Platform: `r28_0_1`, `w_2077_43_c0045.003`, `d_2077_10_23`, `exp_…`
 * (behaviour 2).
 *
 * Never throws: what fits no rule is of the type unknown. Other schemes do not belong here.
 */
import { knownArchitectures } from "./architecture.ts";
import { dateOfDay, thursdayOfWeek } from "./calendar.ts";
import { displayName, type Qualifiers, titleOf } from "./display-name.ts";
import type { ImageType } from "./image-type.ts";
import type { Tag, TagScheme } from "./tag.ts";
import type { Version } from "./version.ts";

export const rspTags: TagScheme = { parse, asAlias };

/** What the rule of a type makes of the numbers and texts that its pattern found. */
type Groups = Readonly<Record<string, string | undefined>>;
interface Reading {
  readonly name: string;
  readonly version: Version;
  readonly date?: number;
}
interface Rule {
  readonly type: ImageType;
  readonly pattern: RegExp;
  readonly semantic: boolean;
  /** Undefined where the values are impossible: the next rule is tried. */
  read(groups: Groups): Reading | undefined | false;
}

// _c0020.001 _rsp19 _extra -amd64
const suffixes =
  String.raw`(?:_c(?<cycle>\d+)\.(?<cycleBuild>\d+))?` +
  String.raw`(?:_rsp(?<build>\d+))?` +
  "(?:_(?<extra>.+?))?" +
  "(?:-(?<architecture>[a-z0-9]+))?$";

// r22_0_1
const release = String.raw`^r(?<major>\d+)_(?<minor>\d+)_(?<patch>\d+)`;

/** Tried in this order: `_rc1` would otherwise be the extra of a release. */
const rules: readonly Rule[] = [
  {
    // r23_0_0_rc1
    type: "release_candidate",
    pattern: new RegExp(`${release}_rc(?<candidate>\\d+)${suffixes}`),
    semantic: true,
    read({ major, minor, patch, candidate }) {
      const version = versionOf(major, minor, patch, candidate);
      return version && { version, name: `Release Candidate ${releaseName(version)}-rc${candidate}` };
    },
  },
  {
    // r22_0_1
    type: "release",
    pattern: new RegExp(`${release}${suffixes}`),
    semantic: true,
    read({ major, minor, patch }) {
      const version = versionOf(major, minor, patch);
      return version && { version, name: `Release ${releaseName(version)}` };
    },
  },
  {
    // r170 is 17.0.0
    type: "release",
    pattern: /^r(?<major>\d\d)(?<minor>\d)$/,
    semantic: true,
    read({ major, minor }) {
      const version = versionOf(major, minor, "0");
      return version && { version, name: `Release ${releaseName(version)}` };
    },
  },
  {
    // w_2021_13
    type: "weekly",
    pattern: new RegExp(String.raw`^w_(?<year>\d+)_(?<week>\d+)${suffixes}`),
    semantic: false,
    read({ year, week }) {
      const version = versionOf(year, week, "0");
      const date = version && thursdayOfWeek(version.major, version.minor);
      return version && date !== undefined && { version, date, name: `Weekly ${year}_${week}` };
    },
  },
  {
    // d_2021_05_13
    type: "daily",
    pattern: new RegExp(String.raw`^d_(?<year>\d+)_(?<month>\d+)_(?<day>\d+)${suffixes}`),
    semantic: false,
    read({ year, month, day }) {
      const version = versionOf(year, month, day);
      const date = version && dateOfDay(version.major, version.minor, version.patch);
      return version && date !== undefined && { version, date, name: `Daily ${year}_${month}_${day}` };
    },
  },
];

function parse(text: string): Tag {
  return parseExperimental(text) ?? parseVersioned(text) ?? parseUnknown(text);
}

const experimental = "exp_";

/** `exp_` and a tag of its own, whose values are taken over. A loop, since a text may begin with thousands of them. */
function parseExperimental(text: string): Tag | undefined {
  let depth = 0;
  while (text.startsWith(experimental, depth * experimental.length)) depth += 1;
  if (depth > 0 && text.length === depth * experimental.length) depth -= 1; // nothing after it: no experiment
  if (depth === 0) return undefined;
  const inner = text.slice(depth * experimental.length);
  const tag = parseVersioned(inner) ?? parseUnknown(inner);
  return { ...tag, text, type: "experimental", displayName: "Experimental ".repeat(depth) + tag.displayName };
}

function parseVersioned(text: string): Tag | undefined {
  for (const { type, pattern, semantic, read } of rules) {
    const groups: Groups | undefined = pattern.exec(text)?.groups;
    const reading = groups && read(groups);
    if (!reading || ![groups.cycle, groups.cycleBuild, groups.build].every(isPossible)) continue;
    return {
      text,
      type,
      displayName: displayName(reading.name, groups),
      base: undefined,
      version: reading.version,
      semantic,
      cycle: numberOf(groups.cycle),
      cycleBuild: numberOf(groups.cycleBuild),
      build: numberOf(groups.build),
      extra: groups.extra,
      architecture: groups.architecture,
      date: reading.date,
    };
  }
  return undefined;
}

function parseUnknown(text: string): Tag {
  const { base, ...qualifiers } = splitName(text);
  return namedTag("unknown", text, base, base, qualifiers);
}

/** A tag of no rule that is known to be an alias: only its name differs from an unknown one. */
function asAlias(tag: Tag): Tag {
  if (tag.type !== "unknown") return tag;
  const { base, ...qualifiers } = splitName(tag.text);
  return namedTag("alias", tag.text, base, titleOf(base), qualifiers);
}

function namedTag(type: ImageType, text: string, base: string, name: string, qualifiers: Qualifiers): Tag {
  return {
    text,
    type,
    displayName: displayName(name, qualifiers),
    base,
    version: undefined,
    semantic: false,
    cycle: numberOf(qualifiers.cycle),
    cycleBuild: undefined,
    build: undefined,
    extra: undefined,
    architecture: qualifiers.architecture,
    date: undefined,
  };
}

// recommended_c0029-arm64
const cyclePattern = /^(?<base>.+)_c(?<cycle>\d+)$/s;

/** `<name>_c<cycle>-<architecture>`; what does not fit stays in the name. */
function splitName(text: string): { base: string } & Pick<Qualifiers, "cycle" | "architecture"> {
  const dash = text.lastIndexOf("-");
  const suffix = text.slice(dash + 1);
  const architecture = dash > 0 && knownArchitectures.includes(suffix) ? suffix : undefined;
  const name = architecture === undefined ? text : text.slice(0, dash);
  const { base, cycle } = cyclePattern.exec(name)?.groups ?? {};
  return base !== undefined && isPossible(cycle)
    ? { base, cycle, architecture }
    : { base: name, architecture };
}

/** The largest number that a tag may hold; a longer one is text. */
const maxNumber = 2_147_483_647;

function isPossible(digits: string | undefined): boolean {
  return digits === undefined || Number(digits) <= maxNumber;
}

function numberOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}

function versionOf(major?: string, minor?: string, patch?: string, prerelease?: string): Version | undefined {
  if (![major, minor, patch, prerelease].every(isPossible)) return undefined;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    prerelease: numberOf(prerelease),
  };
}

function releaseName({ major, minor, patch }: Version): string {
  return `r${major}.${minor}.${patch}`;
}
