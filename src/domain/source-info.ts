/**
 * How a source is, what is asked of it, and what it answers besides images: values that cross from `sources/` to
 * `rpc/`.
 */
import type { ImageAnswer } from "./answers.ts";
import type { NodeCache } from "./node-cache.ts";
import type { RequestedOptions } from "./prepull-options.ts";

/** What an answer was made from. */
export interface SnapshotInfo {
  readonly source: string;
  /** Grows with everything that could change an answer. */
  readonly version: number;
  /** Of the last good listing, milliseconds since the epoch. */
  readonly updateTime: number;
  /** Known tags, after the cycle filter. */
  readonly tagCount: number;
  /** Those of them that have a digest. */
  readonly imageCount: number;
  /** Eligible nodes of the node cache. */
  readonly nodeCount: number;
  /** The last run failed, or the listing comes from an earlier process. */
  readonly stale: boolean;
  /** Why it failed; empty where it did not. */
  readonly lastError: string;
}

/** A source and how it is, before the first listing too. */
export interface SourceInfo {
  readonly name: string;
  /** Kind of the source, as configured. */
  readonly type: string;
  readonly registry: string;
  readonly repository: string;
  readonly snapshot: SnapshotInfo | undefined;
  /** Of the last run: a sentence each. */
  readonly warnings: readonly string[];
}

/** What to put in force at a source; undefined: what is in force stays. */
export interface UpdateRequest {
  readonly prepull: RequestedOptions | undefined;
  readonly nodeCache: NodeCache | undefined;
}

/** A list, and what it was made from. */
export interface ListAnswer<T> {
  readonly images: readonly T[];
  readonly snapshot: SnapshotInfo;
}

/** The images to prepull. */
export interface UpdateAnswer extends ListAnswer<ImageAnswer> {
  /** What went wrong without failing the update: a sentence each. */
  readonly warnings: readonly string[];
}
