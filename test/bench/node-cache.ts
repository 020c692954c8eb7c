/**
 * The node cache of a large cluster, as an UpdateImages request: every node lists images of the source by digest and tag.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { UpdateImagesRequestSchema } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { digestOf, nodeName, registry, repository, tagOf } from "./configurations.ts";

/** Every node holds so many of the first 100 images, not all of them the same. */
export function updateRequest(source: string, nodes: number, images: number): Uint8Array {
  const known = Array.from({ length: 100 }, (_, index) => {
    const tag = tagOf(index);
    const names = [`${registry}/${repository}@${digestOf(tag)}`, `${registry}/${repository}:${tag}`];
    return { names, sizeBytes: BigInt(4_000_000_000 + index) };
  });
  const nodeCache = {
    nodes: Array.from({ length: nodes }, (_, node) => ({
      name: nodeName(node),
      images: Array.from({ length: images }, (_, image) => known[(image * 2 + node) % known.length] ?? {}),
    })),
  };
  return toBinary(UpdateImagesRequestSchema, create(UpdateImagesRequestSchema, { source, nodeCache }));
}
