/**
 * What an image source needs of a registry: a reader lists tags and, where the listing tells no digests, resolves
 * one tag. Each kind of registry has its own; they fit this by their shape.
 */

/** A tag as the registry tells it, before anything is understood. */
export interface RegistryTag {
  readonly name: string;
  readonly digest?: string | undefined;
  /** Bytes; absent where the registry does not tell. */
  readonly size?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly uploadTime?: number | undefined;
  /** Digests of the manifests of the platforms, where the image is an index and the registry tells them. */
  readonly platforms?: readonly string[] | undefined;
}

/** A part of a listing. Listings come in pages so that none is parsed in one go. */
export interface Page {
  readonly tags: readonly RegistryTag[];
  /** What was left out or looks wrong: a sentence each. */
  readonly warnings?: readonly string[];
}

/**
 * Both methods fail with a `DomainError` whose fault is one of the registry's, and with the signal's reason when it
 * is aborted.
 */
export interface Reader {
  /** All tags of the repository. A name that is no tag is left out by the reader, with a warning. */
  list(signal: AbortSignal): AsyncIterable<Page>;
  /**
   * Digest of a tag, for registries whose listing tells none; absent for the others, whose every tag is resolved by
   * its listing. Fails with `unknown_image` where the registry has no such manifest.
   */
  resolve?(tag: string, signal: AbortSignal): Promise<string>;
}
