/**
 * What is said to the service and heard from it, as values of the domain.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { NodeCacheSchema } from "../../gen/imagesource/v1/image_pb.ts";
import type { UpdateImagesResponse } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import type { NodeCache } from "../domain/node-cache.ts";
import type { SourceAnswer } from "../domain/wanted-image.ts";

export function nodeCacheMessage({ nodes, readTime }: NodeCache): MessageInitShape<typeof NodeCacheSchema> {
  return {
    readTime: timestampFromMs(readTime),
    nodes: nodes.map(({ name, ineligibleReason, architecture, createTime, images, partial }) => ({
      name,
      ineligibleReason,
      architecture,
      partial,
      ...(createTime !== undefined && { createTime: timestampFromMs(createTime) }),
      images: images.map(({ names, size }) => ({ names: [...names], sizeBytes: BigInt(size) })),
    })),
  };
}

export function sourceAnswer(source: string, { images }: UpdateImagesResponse): SourceAnswer {
  return { source, images };
}
