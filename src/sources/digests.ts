/**
 * Resolves the digests of the tags that are wanted, where the listing tells none.
 *
 * One tag that cannot be resolved fails nothing: it is named in the warnings (behaviour 9).
 */
import { Limiter } from "../async/limiter.ts";
import { DomainError, isFault } from "../domain/errors.ts";
import type { ListedTag } from "../domain/image.ts";
import { type Steps, stepSize } from "../domain/steps.ts";

export type Digests = ReadonlyMap<string, string>;

interface Resolution {
  readonly digests: Digests;
  readonly warnings: readonly string[];
}

/**
 * So many are asked for at once. How many of them reach the registry at once is the reader's concern; but a person who
 * asks for a tag meanwhile waits behind these, and not behind all that are wanted.
 */
const maxAtOnce = 16;

/** `known` are the digests of an earlier run; they are kept where the registry fails, and dropped after a 404. */
export async function resolveDigests(
  resolve: (tag: string, signal: AbortSignal) => Promise<string>,
  wanted: readonly string[],
  known: Digests,
  signal: AbortSignal,
): Promise<Resolution> {
  const digests = new Map<string, string>();
  const limiter = new Limiter(maxAtOnce);
  const ask = (tag: string) => limiter.run(() => resolve(tag, signal), signal);
  const warnings = await Promise.all(
    wanted.map(async (tag) => {
      try {
        digests.set(tag, await ask(tag));
        return [];
      } catch (error) {
        if (!(error instanceof DomainError) && !signal.aborted) throw error;
        const last = isFault(error, "unknown_image") ? undefined : known.get(tag);
        if (last !== undefined) digests.set(tag, last);
        return [
          `${tag} could not be resolved${last === undefined ? "" : ", its last digest is kept"}: ${messageOf(error)}`,
        ];
      }
    }),
  );
  return { digests, warnings: warnings.flat() };
}

/** The tags with their digests, in steps; those that do not change are taken over as they are, the array too. */
export function* addingDigests(
  listed: readonly ListedTag[],
  digests: Digests,
  previous: readonly ListedTag[],
): Steps<readonly ListedTag[]> {
  const before = new Map<string, ListedTag>();
  for (const [index, entry] of previous.entries()) {
    if (digests.has(entry.tag.text)) before.set(entry.tag.text, entry);
    if (index % stepSize === stepSize - 1) yield;
  }
  const resolved: ListedTag[] = [];
  let isUnchanged = listed.length === previous.length;
  for (const [index, entry] of listed.entries()) {
    const digest = digests.get(entry.tag.text);
    const same = before.get(entry.tag.text);
    const isSame = same?.digest === digest && same?.tag === entry.tag;
    const next = digest === undefined ? entry : isSame ? same : { ...entry, digest };
    resolved.push(next);
    isUnchanged &&= next === previous[index];
    if (index % stepSize === stepSize - 1) yield;
  }
  return isUnchanged ? previous : resolved;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
