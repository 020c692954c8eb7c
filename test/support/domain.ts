/**
 * Short ways to say domain values in tests: `listed("w_2077_43", { digest: "a" })`.
 *
 * Builders fill in what a test does not care about; they decide nothing that is tested.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { collecting } from "../../src/domain/collection.ts";
import type { ListedTag } from "../../src/domain/image.ts";
import { addMark, type Mark, type Marks, noMarks } from "../../src/domain/marks.ts";
import { filteringMenu, type TypePolicy } from "../../src/domain/menu-filter.ts";
import {
  type CachedImage,
  indexingNodes,
  type Node,
  type NodeCache,
  noNodes,
} from "../../src/domain/node-cache.ts";
import { choosingPrepull } from "../../src/domain/prepull-choice.ts";
import { defaultPrepullOptions, type PrepullOptions } from "../../src/domain/prepull-options.ts";
import type { Repository } from "../../src/domain/reference.ts";
import { rspTags } from "../../src/domain/rsp-tags.ts";
import { type Snapshot, type SnapshotData, snapshotOf } from "../../src/domain/snapshot.ts";
import { finish } from "../../src/domain/steps.ts";
import type { Tag } from "../../src/domain/tag.ts";
import type { Version } from "../../src/domain/version.ts";

export const lab: Repository = { registry: "r.example", repository: "sciplat/lab" };

/** A digest that is told from others by the hex digits it begins with. */
export function sha(hex: string): string {
  return `sha256:${hex.padEnd(64, "0")}`;
}

/** 00:00 UTC of a day: `2077-10-28`. */
export function day(text: string): number {
  return Date.parse(`${text}T00:00:00Z`);
}

export const oneDay = 24 * 3600 * 1000;

export function tag(text: string): Tag {
  return rspTags.parse(text);
}

export function aliasTag(text: string): Tag {
  return rspTags.asAlias(rspTags.parse(text));
}

export interface ListedParts {
  /** First hex digits of the digest; without them it is not known. */
  readonly digest?: string | undefined;
  /** Whether somebody named the tag as an alias. */
  readonly alias?: boolean;
  readonly size?: number | undefined;
  readonly uploadTime?: number;
  /** First hex digits of the platforms' digests. */
  readonly platforms?: readonly string[];
}

export function listed(
  text: string,
  { digest, alias, size, uploadTime, platforms = [] }: ListedParts = {},
): ListedTag {
  return {
    tag: alias ? aliasTag(text) : tag(text),
    digest: digest === undefined ? undefined : sha(digest),
    size,
    uploadTime,
    platforms: platforms.map(sha),
  };
}

export function node(
  name: string,
  images: readonly (string | CachedImage)[] = [],
  parts: Partial<Node> = {},
): Node {
  return {
    name,
    ineligibleReason: "",
    architecture: "",
    createTime: undefined,
    images: images.map((image) => (typeof image === "string" ? { names: [image], size: 0 } : image)),
    partial: false,
    ...parts,
  };
}

export function nodeCache(readTime: number, ...nodes: readonly Node[]): NodeCache {
  return { nodes, readTime };
}

/** How a node lists an image of the repository `lab` by its digest. */
export function byDigest(hex: string): string {
  return `${lab.registry}/${lab.repository}@${sha(hex)}`;
}

export function byTag(text: string): string {
  return `${lab.registry}/${lab.repository}:${text}`;
}

export function marksOf(...marks: readonly Mark[]): Marks {
  return marks.reduce((all, mark) => addMark(all, mark), noMarks);
}

export function options(parts: Partial<PrepullOptions> = {}): PrepullOptions {
  return { ...defaultPrepullOptions, ...parts };
}

export function policy(parts: Partial<TypePolicy> = {}): TypePolicy {
  return {
    number: undefined,
    age: undefined,
    cutoffDate: undefined,
    cutoffVersion: undefined,
    cutoffBuild: undefined,
    ...parts,
  };
}

export function version(major: number, minor: number, patch: number, prerelease?: number): Version {
  return { major, minor, patch, prerelease };
}

export interface DataParts extends Partial<Omit<SnapshotData, "listing">> {
  readonly tags?: readonly ListedTag[];
  readonly time?: number;
}

/** Data of a source whose tags are resolved one by one, unless told otherwise. */
export function data({ tags = [], time = day("2077-11-18"), ...parts }: DataParts = {}): SnapshotData {
  return {
    repository: lab,
    resolvesOnDemand: true,
    listing: { tags, time },
    options: defaultPrepullOptions,
    filter: { policies: {}, hideUnknown: false },
    nodeCache: noNodes,
    marks: noMarks,
    ...parts,
  };
}

export function snapshot(parts: DataParts = {}): Snapshot {
  return snapshotOf(data(parts));
}

export function texts(items: Iterable<{ readonly tag: Tag }>): string[] {
  return [...items].map((item) => item.tag.text);
}

/** A line of a golden file, in columns, with the sentence above it. */
export interface GoldenLine {
  readonly what: string;
  readonly line: string;
  readonly columns: readonly string[];
}

/**
 * The lines of a golden file in `test/data/`: columns between ` | `, sentences after `#`. The expectation stands in
 * the file, worked out by hand. `UPDATE_GOLDEN=1` writes what `actual` makes of each line instead: read the diff
 * against the rules before it is kept.
 */
export function golden(
  file: string,
  actual: (lines: readonly GoldenLine[]) => readonly string[],
): GoldenLine[] {
  const path = new URL(`../data/${file}`, import.meta.url);
  const all = readFileSync(path, "utf8").trimEnd().split("\n");
  let what = "";
  const lines: GoldenLine[] = [];
  for (const line of all) {
    if (line.startsWith("#")) {
      what = line.slice(1).trim();
    } else if (line !== "") {
      lines.push({ what, line, columns: line.split("|").map((column) => column.trim()) });
    }
  }
  if (process.env.UPDATE_GOLDEN === "1") {
    const written = actual(lines);
    let next = 0;
    const kept = all.map((line) => (line.startsWith("#") || line === "" ? line : (written[next++] ?? "")));
    writeFileSync(path, `${[...kept, ...written.slice(next)].join("\n")}\n`);
  }
  return lines;
}

/** What the domain computes in steps, at once. */
export const collectionOf = (...args: Parameters<typeof collecting>) => finish(collecting(...args));
export const filterMenu = (...args: Parameters<typeof filteringMenu>) => finish(filteringMenu(...args));
export const indexNodes = (...args: Parameters<typeof indexingNodes>) => finish(indexingNodes(...args));
export const choosePrepull = (tags: readonly Tag[], options: PrepullOptions) =>
  finish(
    choosingPrepull(
      tags.map((tag) => ({ tag })),
      options,
    ),
  );
