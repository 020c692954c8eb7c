/**
 * The node cache that the tests send: three nodes, one of each kind.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { NodeSchema } from "../../../gen/imagesource/v1/image_pb.ts";
import type { Place } from "./rows.ts";

export function threeNodes({ lab, digests: d }: Place): MessageInitShape<typeof NodeSchema>[] {
  const mirror = "mirror.example.org/cache/of-lab";
  return [
    {
      name: "node-a",
      architecture: "amd64",
      images: [
        { names: [`${lab}@${d.w43}`, `${lab}:w_2077_43`], sizeBytes: 3000n },
        { names: [`${mirror}@${d.r28}`], sizeBytes: 2000n }, // registries and repositories are not compared
        { names: [`${lab}@${d.w44}`], sizeBytes: 4000n },
        { names: [`${lab}@${d.r17}`], sizeBytes: 1700n }, // of a tag that no listing resolves
        { names: [`${lab}:d_2077_10_30`], sizeBytes: 9999n }, // a tag alone says nothing of a digest
        { names: ["not a reference", ""] },
      ],
    },
    {
      name: "node-b",
      architecture: "arm64",
      partial: true,
      images: [
        { names: [`${lab}@${d.w43}`], sizeBytes: 3100n },
        { names: [`${lab}@${d.w44arm64}`], sizeBytes: 4100n }, // not the index, whose manifests the service does not read
      ],
    },
    {
      name: "node-c",
      architecture: "amd64",
      ineligibleReason: "cordoned",
      images: [{ names: [`${lab}@${d.w43}`] }, { names: [`${lab}@${d.d31}`], sizeBytes: 5000n }],
    },
  ];
}
