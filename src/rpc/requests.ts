/**
 * Reads requests: checks them by the limits of the contract and makes domain values of them.
 *
 * Checks syntax only and looks nothing up. Every function fails with `InvalidRequest`, which names all fields that are
 * wrong.
 */
import type * as image from "../../gen/imagesource/v1/image_pb.ts";
import type * as rpc from "../../gen/imagesource/v1/image_source_service_pb.ts";
import type { CachedImage, Node, NodeCache } from "../domain/node-cache.ts";
import type { RequestedOptions } from "../domain/prepull-options.ts";
import type { Reference } from "../domain/reference.ts";
import type { UpdateRequest } from "../domain/source-info.ts";
import {
  expectAtMost,
  readNodeName,
  readReference,
  readSize,
  readSourceName,
  readTag,
  readTimestamp,
} from "./fields.ts";
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

function checked<T>(read: (violations: Violations) => T): T {
  const violations = new Violations();
  const value = read(violations);
  violations.throwIfAny();
  return value;
}
