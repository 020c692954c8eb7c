/**
 * Resolves the digests of the tags that are wanted, where the listing tells none.
 *
 * One tag that cannot be resolved fails nothing: it is named in the warnings (behaviour 9).
 */
import { Limiter } from "../async/limiter.ts";
import { DomainError, isFault } from "../domain/errors.ts";
import type { ListedTag } from "../domain/image.ts";

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

/** The tags with their digests; those that do not change are taken over as they are, the array too. */
export function withDigests(
  listed: readonly ListedTag[],
  digests: Digests,
  previous: readonly ListedTag[],
): readonly ListedTag[] {
  const before = new Map(
    previous.filter(({ tag }) => digests.has(tag.text)).map((entry) => [entry.tag.text, entry]),
  );
  const resolved = listed.map((entry) => {
    const digest = digests.get(entry.tag.text);
    if (digest === undefined) return entry;
    const same = before.get(entry.tag.text);
    return same?.digest === digest && same.tag === entry.tag ? same : { ...entry, digest };
  });
  const isUnchanged =
    resolved.length === previous.length && resolved.every((entry, index) => entry === previous[index]);
  return isUnchanged ? previous : resolved;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
