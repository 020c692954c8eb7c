/**
 * The names by which nodes list images: `repository:tag`, `repository@digest`, and what is no reference.
 *
 * Read for one repository: its path is what is compared, under any host or mirror's prefix.
 */
import { parseReference, type Reference } from "./reference.ts";

export interface ListedName {
  /** The repository is ours. */
  readonly isOurs: boolean;
  /** Under any repository; undefined: it has none. */
  readonly digest: string | undefined;
  /** What an image is found by: the digest, and the tag where the repository is ours. */
  readonly keys: readonly string[];
}

/** A name that says nothing. */
const unread: ListedName = { isOurs: false, digest: undefined, keys: [] };

/** Reads each name once: the nodes of a cluster list the same ones, in hundreds of thousands. */
export function nameReader(repository: string): (name: string) => ListedName {
  const known = new Map<string, ListedName>();
  return (name) => {
    const found = known.get(name);
    if (found) return found;
    const read = readName(name, repository);
    known.set(name, read);
    return read;
  };
}

function readName(name: string, repository: string): ListedName {
  const reference = tryParse(name);
  if (!reference) return unread;
  const { digest, tag } = reference;
  const isOurs = reference.repository === repository || reference.repository.endsWith(`/${repository}`);
  return { isOurs, digest, keys: [digest, isOurs ? tag : undefined].filter((key) => key !== undefined) };
}

function tryParse(name: string): Reference | undefined {
  try {
    return parseReference(name);
  } catch {
    return undefined; // nodes list what they like: behaviour 8 skips it
  }
}
