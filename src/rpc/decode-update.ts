/**
 * Decodes `UpdateImages` in steps. A large cluster lists its images a quarter of a million times, and they are the same
 * hundred: each is decoded once and shared, which is most of the time and of the memory of such a request.
 *
 * Means what `fromBinary` means, but for unknown fields, which are not kept, and for bytes that are no such
 * message but that the library makes something of: it looks neither at wire types nor at where a field ends.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import {
  type CachedImage,
  CachedImageSchema,
  NodeCacheSchema,
  NodeSchema,
} from "../../gen/imagesource/v1/image_pb.ts";
import {
  type UpdateImagesRequest,
  UpdateImagesRequestSchema,
} from "../../gen/imagesource/v1/image_source_service_pb.ts";
import type { Steps } from "../domain/steps.ts";

const { nodeCache } = UpdateImagesRequestSchema.field;
const { nodes } = NodeCacheSchema.field;
const { images } = NodeSchema.field;

/** A step is a node. Fails, as `fromBinary` does, where the bytes are no such message. */
export function* decodingUpdate(bytes: Uint8Array): Steps<UpdateImagesRequest> {
  const whole = split(bytes, nodeCache.number);
  const request = fromBinary(UpdateImagesRequestSchema, whole.rest);
  if (whole.parts.length === 0) return request;
  const cache = split(joined(whole.parts), nodes.number);
  const message = fromBinary(NodeCacheSchema, cache.rest);
  const imageOf = imageDecoder();
  for (const part of cache.parts) {
    const node = split(part, images.number);
    message.nodes.push({ ...fromBinary(NodeSchema, node.rest), images: node.parts.map(imageOf) });
    yield;
  }
  request.nodeCache = message;
  return request;
}

function imageDecoder(): (bytes: Uint8Array) => CachedImage {
  const known = new Map<string, CachedImage>();
  return (bytes) => {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const found = known.get(key);
    if (found) return found;
    const image = fromBinary(CachedImageSchema, bytes);
    known.set(key, image);
    return image;
  };
}

interface Split {
  /** What stands in a field of messages, one after the other. */
  readonly parts: readonly Uint8Array[];
  /** All other fields. */
  readonly rest: Uint8Array;
}

function split(bytes: Uint8Array, field: number): Split {
  const reader = new BinaryReader(bytes);
  const parts: Uint8Array[] = [];
  const rest: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    if (number === field && wireType === WireType.LengthDelimited) parts.push(reader.bytes());
    else {
      reader.skip(wireType, number);
      rest.push(bytes.subarray(start, reader.pos));
    }
  }
  return { parts, rest: joined(rest) };
}

/** Of a field that stands there twice, the messages are one after the other: protobuf merges them so. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array(), ...others] = parts;
  return others.length === 0 ? first : Buffer.concat(parts);
}
