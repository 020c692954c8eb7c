/**
 * What an image is looked up by, and who can answer: the snapshot, or the registry (behaviour 7).
 *
 * Decides only. Asking the registry, and keeping what it said, is done in `sources/`.
 */
import { DomainError } from "./errors.ts";
import type { Image } from "./image.ts";
import { canonicalRepository, formatReference, type Reference } from "./reference.ts";
import type { Snapshot } from "./snapshot.ts";

/** The image, or the tag that the registry has to be asked about; with `digest` only this one is an answer. */
export type Answer =
  | { readonly image: Image }
  | { readonly ask: string; readonly digest: string | undefined };

/** Fails with `unknown_image`. */
export function lookUpTag(snapshot: Snapshot, tag: string): Answer {
  const image = snapshot.collection.byTag(tag);
  if (!image) throw unknownTag(snapshot, tag);
  return isAnswer(snapshot, image) ? { image } : { ask: tag, digest: undefined };
}

/** Fails with `unknown_image` or `digest_mismatch`. */
export function lookUpReference(snapshot: Snapshot, reference: Reference): Answer {
  if (!isOurs(snapshot, reference)) {
    throw new DomainError(
      "unknown_image",
      `${formatReference(reference)} is not in ${repositoryOf(snapshot)}`,
    );
  }
  const { tag, digest } = reference;
  const { collection } = snapshot;
  if (tag === undefined) {
    const image = collection.byDigest(digest);
    if (image) return { image };
    throw new DomainError("unknown_image", `no tag of ${repositoryOf(snapshot)} has the digest ${digest}`);
  }
  if (digest === undefined) return lookUpTag(snapshot, tag);
  const ofTag = collection.byTag(tag);
  const ofDigest = ofTag?.digest === digest ? ofTag : collection.byDigest(digest);
  if (ofDigest) return { image: ofDigest };
  if (!ofTag) throw unknownTag(snapshot, tag);
  if (!snapshot.data.resolvesOnDemand) throw digestMismatch(tag, digest, ofTag.digest);
  return { ask: tag, digest };
}

/** What to fail with where a tag has another digest than was asked for. */
export function digestMismatch(tag: string, wanted: string, actual: string | undefined): DomainError {
  const has = actual === undefined ? "no known digest" : `the digest ${actual}`;
  return new DomainError("digest_mismatch", `the tag ${tag} has ${has}, not ${wanted}`);
}

/**
 * The image that a mark means: that of a known digest, or a tag whose digest is known. Undefined for any other; the
 * registry is not asked.
 */
export function lookUpMarked(snapshot: Snapshot, reference: Reference): Image | undefined {
  if (!isOurs(snapshot, reference)) return undefined;
  const { tag, digest } = reference;
  const ofTag = tag === undefined ? undefined : snapshot.collection.byTag(tag);
  if (digest !== undefined) return ofTag?.digest === digest ? ofTag : snapshot.collection.byDigest(digest);
  return ofTag && isAnswer(snapshot, ofTag) ? ofTag : undefined;
}

function isOurs(snapshot: Snapshot, reference: Reference): boolean {
  const ours = canonicalRepository(snapshot.data.repository);
  return reference.registry === ours.registry && reference.repository === ours.repository;
}

function isAnswer({ data }: Snapshot, image: Image): boolean {
  return image.digest !== undefined || !data.resolvesOnDemand;
}

function unknownTag(snapshot: Snapshot, tag: string): DomainError {
  const { cycle } = snapshot.data.options;
  const where = `${repositoryOf(snapshot)}${cycle === undefined ? "" : ` in cycle ${cycle}`}`;
  return new DomainError("unknown_image", `there is no tag ${JSON.stringify(tag)} in ${where}`);
}

function repositoryOf({ data }: Snapshot): string {
  return `${data.repository.registry}/${data.repository.repository}`;
}
