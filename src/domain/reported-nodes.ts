/**
 * What the service is told of the nodes: the part of each node's list that a source can make use of, so that thousands
 * of nodes fit one request (prepuller.md, "The loop" 2). The service judges by it; nothing is decided here.
 */
import type { ClusterNode, Toleration } from "./cluster-node.ts";
import { ineligibleReason } from "./eligibility.ts";
import { type ListedName, nameReader } from "./listed-name.ts";
import type { CachedImage, NodeCache } from "./node-cache.ts";
import { emptyMemory, type NodeMemory } from "./node-memory.ts";

export interface ReportOptions {
  /** Path of the source's repository. */
  readonly repository: string;
  /** Digests that the service has named, in whatever repository a node may list them. */
  readonly digests: ReadonlySet<string>;
  /** How many images the kubelets list at most; -1: all. */
  readonly maxImages: number;
  readonly tolerations: readonly Toleration[];
  /** The time that the nodes' lists speak of: when they were read, less the lag of kubelets. */
  readonly readTime: number;
  /** By the UIDs of nodes. */
  readonly memories: ReadonlyMap<string, NodeMemory>;
}

/** Kubelets give at most so many names of an image, digests first. */
const maxNames = 5;

export function nodeCacheOf(nodes: Iterable<ClusterNode>, options: ReportOptions): NodeCache {
  const { repository, digests, maxImages, tolerations, readTime, memories } = options;
  const readName = nameReader(repository);
  return {
    readTime,
    nodes: Array.from(nodes, (node) => ({
      name: node.name,
      ineligibleReason: ineligibleReason(node, tolerations),
      architecture: node.architecture,
      createTime: node.createTime,
      partial: isPartial(node, maxImages),
      images: reportedImages(node, digests, aliasesOf(memories.get(node.uid), digests), readName),
    })),
  };
}

/** Whether a node may hold images that it does not list, or that it lists without the digest in question. */
export function isPartial({ images }: ClusterNode, maxImages: number): boolean {
  return (maxImages >= 0 && images.length >= maxImages) || images.some(({ names }) => isFullOfDigests(names));
}

function isFullOfDigests(names: readonly string[]): boolean {
  return names.length >= maxNames && names.filter((name) => name.includes("@")).length >= maxNames;
}

/** Digests by the one under which the node lists their image. */
type Aliases = ReadonlyMap<string, readonly string[]>;

const noAliases: Aliases = new Map();

function aliasesOf(memory: NodeMemory | undefined, digests: ReadonlySet<string>): Aliases {
  const { images } = memory ?? emptyMemory;
  const known = [...images].filter(([digest, { alias }]) => alias !== "" && digests.has(digest));
  if (known.length === 0) return noAliases;
  const byAlias = Map.groupBy(known, ([, { alias }]) => alias);
  return new Map([...byAlias].map(([alias, found]) => [alias, found.map(([digest]) => digest)]));
}

type ReadName = (name: string) => ListedName;

function reportedImages(
  { images }: ClusterNode,
  digests: ReadonlySet<string>,
  aliases: Aliases,
  readName: ReadName,
): CachedImage[] {
  const isWanted = (name: string) => {
    const { isOurs, digest } = readName(name);
    return isOurs || (digest !== undefined && (digests.has(digest) || aliases.has(digest)));
  };
  return images
    .filter(({ names }) => names.some(isWanted))
    .map(({ names, size }) => ({ names: toldNames(names, aliases, readName), size }));
}

/** The names that tell something which those before do not, and the digests that the node does not know of. */
function toldNames(names: readonly string[], aliases: Aliases, readName: ReadName): string[] {
  const told = new Set<string>();
  const tellsMore = (name: string) => {
    const before = told.size;
    for (const key of readName(name).keys) told.add(key);
    return told.size > before;
  };
  const listed = names.filter(tellsMore);
  if (aliases.size === 0) return listed;
  const others = listed.flatMap((name) => {
    const digest = readName(name).digest ?? "";
    return (aliases.get(digest) ?? []).map((other) => name.slice(0, -digest.length) + other);
  });
  return [...listed, ...others.filter(tellsMore)];
}
