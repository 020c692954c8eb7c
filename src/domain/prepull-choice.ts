/**
 * Which tags are wanted on every node: the newest of some types, the recommended one and the pinned ones
 * (behaviour 5).
 *
 * Chooses among tags; whether their digests are known, and which nodes hold them, is not looked at.
 */
import type { ImageType } from "./image-type.ts";
import { defaultPrepullOptions, type PrepullOptions } from "./prepull-options.ts";
import { type Steps, stepSize } from "./steps.ts";
import type { Tag } from "./tag.ts";

export interface PrepullChoice {
  readonly tags: ReadonlySet<string>;
  /** Tags that are named by the options and not there: a sentence each. */
  readonly warnings: readonly string[];
}

/** In steps, of whatever has a tag: they stand in the order of listings and have passed the cycle filter. */
export function* choosingPrepull(
  entries: readonly { readonly tag: Tag }[],
  options: PrepullOptions,
): Steps<PrepullChoice> {
  const left: Partial<Record<ImageType, number>> = {
    release: options.numReleases,
    weekly: options.numWeeklies,
    daily: options.numDailies,
  };
  const named = new Set([...options.pin, ...(options.recommendedTag === "" ? [] : [options.recommendedTag])]);
  const chosen = new Set<string>();
  const absent = new Set(named);
  for (const [index, entry] of entries.entries()) {
    if (index % stepSize === stepSize - 1) yield;
    const { text, type, architecture } = entry.tag;
    if (named.has(text)) {
      chosen.add(text); // on purpose, whatever its architecture
      absent.delete(text);
    }
    const count = left[type] ?? 0;
    if (count === 0 || architecture !== undefined) continue;
    left[type] = count - 1;
    chosen.add(text);
  }
  return { tags: chosen, warnings: [...absent].flatMap((tag) => warningOf(tag, options)) };
}

function warningOf(tag: string, { pin, recommendedTag, cycle }: PrepullOptions): string[] {
  const isDefault = tag === recommendedTag && tag === defaultPrepullOptions.recommendedTag;
  if (isDefault && !pin.includes(tag)) return []; // nobody asked for it
  const role = pin.includes(tag) ? "pinned" : "recommended";
  return [`the ${role} tag ${tag} does not exist${cycle === undefined ? "" : ` in cycle ${cycle}`}`];
}

/** The tags that are known at all, by the cycle that their own text names; in steps. */
export function* inCycle<T extends { readonly tag: Tag }>(
  listed: readonly T[],
  cycle: number | undefined,
): Steps<readonly T[]> {
  if (cycle === undefined) return listed;
  const known: T[] = [];
  for (const [index, entry] of listed.entries()) {
    if (entry.tag.cycle === cycle) known.push(entry);
    if (index % stepSize === stepSize - 1) yield;
  }
  return known;
}
