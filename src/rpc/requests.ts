/**
 * Reads requests: checks them by the limits of the contract and makes domain values of them.
 *
 * Checks syntax only and looks nothing up. Every function fails with `InvalidRequest`, which names all fields that are
 * wrong.
 */
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type * as image from "../../gen/imagesource/v1/image_pb.ts";
import type * as rpc from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { isDnsLabel, isDnsSubdomain } from "../domain/dns-name.ts";
import { isFault } from "../domain/errors.ts";
import type { CachedImage, Node, NodeCache } from "../domain/node-cache.ts";
import type { RequestedOptions } from "../domain/prepull-options.ts";
import { parseReference, type Reference } from "../domain/reference.ts";
import type { UpdateRequest } from "../domain/source-info.ts";
import { isTagName } from "../domain/tag.ts";
import { maxCount, maxCycle, maxNames, maxNodes } from "./limits.ts";
import { quote, Violations } from "./violations.ts";

export function readSource({ source }: { readonly source: string }): string {
  return checked((violations) => readSourceName(source, violations));
}

export function readImageForReference(request: rpc.ImageForReferenceRequest): {
  source: string;
  reference: Reference;
} {
  return checked((violations) => ({
    source: readSourceName(request.source, violations),
    reference: readReference(request.reference, violations),
  }));
}

export function readImageForTagName(request: rpc.ImageForTagNameRequest): { source: string; tag: string } {
  return checked((violations) => ({
    source: readSourceName(request.source, violations),
    tag: readTag(request.tagName, "tag_name", violations),
  }));
}

interface MarkRequest {
  readonly source: string;
  readonly reference: Reference;
  readonly node: string;
  /** Bytes, 0 where it is not told. */
  readonly size: number;
}

export function readMarkPrepulled(request: rpc.MarkPrepulledRequest): MarkRequest {
  return checked((violations) => ({
    source: readSourceName(request.source, violations),
    reference: readReference(request.reference, violations),
    node: readNodeName(request.node, "node", violations),
    size: readSize(request.sizeBytes, () => "size_bytes", violations),
  }));
}

export function readPrepulledImages(request: rpc.PrepulledImagesRequest): {
  source: string;
  nodes: readonly string[];
} {
  return checked((violations) => {
    expectAtMost(maxNodes, request.nodes, "nodes", violations);
    for (const [index, name] of request.nodes.entries()) readNodeName(name, `nodes[${index}]`, violations);
    return { source: readSourceName(request.source, violations), nodes: request.nodes };
  });
}

/** `now` is the request's arrival, milliseconds since the epoch. */
export function readUpdateImages(
  request: rpc.UpdateImagesRequest,
  now: number,
): UpdateRequest & { source: string } {
  return checked((violations) => ({
    source: readSourceName(request.source, violations),
    prepull: request.prepull && readOptions(request.prepull, violations),
    nodeCache: request.nodeCache && readNodeCache(request.nodeCache, now, violations),
  }));
}

function readOptions(options: image.PrepullOptions, violations: Violations): RequestedOptions {
  const { recommendedTag, numReleases, numWeeklies, numDailies, cycle, pin, aliasTags } = options;
  if (recommendedTag) readTag(recommendedTag, "prepull.recommended_tag", violations);
  const counts = { num_releases: numReleases, num_weeklies: numWeeklies, num_dailies: numDailies };
  for (const [field, count] of Object.entries(counts)) {
    const fits = count === undefined || (count >= 0 && count <= maxCount);
    violations.expect(fits, `prepull.${field}`, `is ${count}, but has to be 0 to ${maxCount}`);
  }
  const cycleFits = cycle === undefined || (cycle >= 0 && cycle <= maxCycle);
  violations.expect(cycleFits, "prepull.cycle", `is ${cycle}, but has to be 0 to ${maxCycle}`);
  for (const [field, tags] of Object.entries({ pin, alias_tags: aliasTags })) {
    expectAtMost(maxNames, tags, `prepull.${field}`, violations);
    for (const [index, tag] of tags.entries()) readTag(tag, `prepull.${field}[${index}]`, violations);
  }
  return { recommendedTag, numReleases, numWeeklies, numDailies, cycle, pin, aliasTags };
}

function readNodeCache({ nodes, readTime }: image.NodeCache, now: number, violations: Violations): NodeCache {
  expectAtMost(maxNodes, nodes, "node_cache.nodes", violations);
  const places = new Map<string, number>();
  for (const [index, { name }] of nodes.entries()) {
    const first = places.get(name);
    places.set(name, first ?? index);
    if (first === undefined) continue;
    const because = `is ${quote(name)}, as is that of node_cache.nodes[${first}]; each node is named once`;
    violations.add(`node_cache.nodes[${index}].name`, because);
  }
  const imageOf = cachedImageReader(violations);
  const told = readTime && readTimestamp(readTime, "node_cache.read_time", violations);
  return {
    nodes: nodes.map((node, index) => readNode(node, `node_cache.nodes[${index}]`, imageOf, violations)),
    readTime: Math.min(told ?? now, now),
  };
}

type CachedImageReader = (cached: image.CachedImage, field: () => string) => CachedImage;

/** Nodes share what they list alike, where their messages do. */
function cachedImageReader(violations: Violations): CachedImageReader {
  const known = new Map<image.CachedImage, CachedImage>();
  return (cached, field) => {
    const found = known.get(cached);
    if (found) return found;
    const { names, sizeBytes } = cached;
    const read = { names, size: readSize(sizeBytes, () => `${field()}.size_bytes`, violations) };
    known.set(cached, read);
    return read;
  };
}

function readNode(node: image.Node, path: string, imageOf: CachedImageReader, violations: Violations): Node {
  const { createTime } = node;
  return {
    name: readNodeName(node.name, `${path}.name`, violations),
    ineligibleReason: node.ineligibleReason,
    architecture: node.architecture,
    createTime: createTime && readTimestamp(createTime, `${path}.create_time`, violations),
    images: node.images.map((cached, index) => imageOf(cached, () => `${path}.images[${index}]`)),
    partial: node.partial,
  };
}

function readSourceName(source: string, violations: Violations): string {
  violations.expect(
    source === "" || isDnsLabel(source),
    "source",
    `is ${quote(source)}, but has to be a DNS label`,
  );
  return source;
}

function readNodeName(name: string, field: string, violations: Violations): string {
  violations.expect(
    isDnsSubdomain(name),
    field,
    `is ${quote(name)}, but has to be a DNS-1123 subdomain of 1 to 253 characters`,
  );
  return name;
}

function readTag(tag: string, field: string, violations: Violations): string {
  violations.expect(isTagName(tag), field, `is ${quote(tag)}, but has to be a tag of 1 to 128 characters`);
  return tag;
}

/** A reference that is none is answered by a violation; what is returned then is never used. */
function readReference(text: string, violations: Violations): Reference {
  try {
    return parseReference(text);
  } catch (error) {
    if (!isFault(error, "invalid")) throw error;
    violations.add("reference", `is wrong: ${error.message}`);
    return { registry: "", repository: "", tag: "", digest: undefined };
  }
}

/**
 * Nine petabytes are the most that is told apart. The field is named only where it is wrong: a node cache may hold a
 * million of them.
 */
function readSize(bytes: bigint | undefined, field: () => string, violations: Violations): number {
  const size = Math.min(Number(bytes ?? 0), Number.MAX_SAFE_INTEGER);
  if (size < 0) violations.add(field(), `is ${size}, but has to be 0 or more`);
  return size;
}

// The years 1 to 9999, which is what a Timestamp may hold.
const minSeconds = -62_135_596_800;
const maxSeconds = 253_402_300_799;

function readTimestamp({ seconds, nanos }: Timestamp, field: string, violations: Violations): number {
  const whole = Number(seconds);
  const fits = whole >= minSeconds && whole <= maxSeconds && nanos >= 0 && nanos <= 999_999_999;
  violations.expect(fits, field, "is no time of the years 1 to 9999");
  return whole * 1000 + nanos / 1e6;
}

function expectAtMost(limit: number, list: readonly unknown[], field: string, violations: Violations): void {
  violations.expect(list.length <= limit, field, `has ${list.length} entries, at most ${limit} are allowed`);
}

function checked<T>(read: (violations: Violations) => T): T {
  const violations = new Violations();
  const value = read(violations);
  violations.throwIfAny();
  return value;
}
