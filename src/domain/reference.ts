/**
 * Image references: where an image lives, and which version of it is meant.
 *
 * Pure text, no network. Short names are completed as Docker does (`ubuntu` is `docker.io/library/ubuntu`), but
 * never with a tag: a reference without tag and digest names no image.
 */
import { isDigest } from "./digest.ts";
import { DomainError } from "./errors.ts";
import { canonicalRegistry, isHost, looksLikeHost } from "./host.ts";
import { isTagName } from "./tag.ts";

/** A repository of a registry. */
export interface Repository {
  /** Host, with its port if it has one: `registry.example.org:5000`. */
  readonly registry: string;
  /** Path below the host: `sciplat/lab`. */
  readonly repository: string;
}

/**
 * What names a version: a tag, which is mutable (`w_2077_43`), a digest, which is not (`sha256:…`), or both.
 */
export type VersionName =
  | { readonly tag: string; readonly digest: string | undefined }
  | { readonly tag: undefined; readonly digest: string };

/** A repository and a version in it. Registry and repository are in their canonical spelling. */
export type Reference = Repository & VersionName;

/** The longest reference that is read, in characters (architecture 1, "Limits"). */
export const maxReferenceLength = 1024;
/** The longest path of a repository, the host not counted (distribution/reference). */
const maxRepositoryLength = 255;

const component = "[a-z0-9]+(?:(?:[.]|__?|-+)[a-z0-9]+)*";
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);

/** Whether a text is the path of a repository: `sciplat/lab`. */
export function isRepositoryPath(text: string): boolean {
  return text.length <= maxRepositoryLength && repositoryPattern.test(text);
}

/** Reads a reference, which names a tag, a digest, or both. Fails with `invalid`, and says what is wrong. */
export function parseReference(text: string): Reference {
  if (text.length > maxReferenceLength) {
    throw invalid(text, `it has ${text.length} characters, at most ${maxReferenceLength} are allowed`);
  }
  const [name, digest] = splitAt(text, text.indexOf("@"));
  if (digest !== undefined && !isDigest(digest))
    throw invalid(text, "what follows @ is no sha256 or sha512 digest");
  const colon = name.lastIndexOf(":");
  const [path, tag] = splitAt(name, colon > name.lastIndexOf("/") ? colon : -1);
  if (tag !== undefined && !isTagName(tag)) throw invalid(text, "what follows the last : is no tag");
  const { registry, repository } = splitHost(path);
  if (!isHost(registry)) throw invalid(text, "what stands before the first / is no host");
  if (/^[a-f0-9]{64}$/.test(path))
    throw invalid(text, "64 hex digits could be an image ID; write its registry too");
  const canonical = canonicalRepository({ registry, repository });
  if (!isRepositoryPath(canonical.repository)) throw invalid(text, "it has no repository path in lower case");
  if (tag !== undefined) return { ...canonical, tag, digest };
  if (digest !== undefined) return { ...canonical, tag, digest };
  throw invalid(text, "it names neither a tag nor a digest");
}

/** Writes a reference; `parseReference` reads the same value back. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The one spelling of a repository, to compare by. */
export function canonicalRepository({ registry, repository }: Repository): Repository {
  const host = canonicalRegistry(registry);
  const official = host === "docker.io" && !repository.includes("/");
  return { registry: host, repository: official ? `library/${repository}` : repository };
}

/** The parts before and after one character, the second one absent where the index is -1. */
function splitAt(text: string, index: number): [string, string | undefined] {
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

/** The first component is a host only where it cannot be a part of a path (distribution/reference). */
function splitHost(path: string): Repository {
  const [first, rest] = splitAt(path, path.indexOf("/"));
  const isRegistry = rest !== undefined && looksLikeHost(first);
  return isRegistry ? { registry: first, repository: rest } : { registry: "docker.io", repository: path };
}

function invalid(text: string, because: string): DomainError {
  return new DomainError("invalid", `${JSON.stringify(shorten(text))} is no image reference: ${because}`);
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
