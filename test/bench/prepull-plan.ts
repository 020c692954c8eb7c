/**
 * A process of its own that plans a round of a large cluster of which every node holds half of what is wanted, and tells
 * how long that took: what the service is told, and what is to be pulled.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { UpdateImagesRequestSchema } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { planRound } from "../../src/domain/prepull-plan.ts";
import { nodeCacheOf } from "../../src/domain/reported-nodes.ts";
import { mergeWanted } from "../../src/domain/wanted-image.ts";
import { ImagePool } from "../../src/kubernetes/image-pool.ts";
import { readNode } from "../../src/kubernetes/node-reading.ts";
import { nodeCacheMessage } from "../../src/prepuller/messages.ts";
import { nodeJson } from "../support/kubernetes-objects.ts";
import { nodeWith } from "./prepull-nodes.ts";

export interface PlanCost {
  readonly planMs: number;
  readonly requestMs: number;
  readonly requestBytes: number;
  /** Pairs of a node and an image that were found to be there. */
  readonly present: number;
}

const count = Number(process.argv[2]);
const digests = Array.from({ length: 10 }, (_, index) => `sha256:${String(index).repeat(64)}`);
const references = digests.map(
  (digest, index) => `r.example:5000/sciplat/lab:w_2077_${30 + index}@${digest}`,
);
const isHeld = (node: number, image: number) => (node + image) % 2 === 0;
const names = Array.from({ length: count }, (_, index) => `node-${index}`);
const pool = new ImagePool();
const nodes = names
  .map((name, node) => {
    const held = digests.filter((_, image) => isHeld(node, image));
    const images = held.map((digest) => `r.example:5000/sciplat/lab@${digest}`);
    return readNode(nodeJson(nodeWith(name, images)), pool);
  })
  .filter((node) => node !== undefined);
const images = digests.map((digest, image) => ({
  reference: references[image] ?? "",
  digest,
  tag: `w_2077_${30 + image}`,
  architecture: "",
  recommended: false,
  nodes: names.filter((_, node) => isHeld(node, image)),
}));
const wanted = mergeWanted([{ source: "lab", images }]);

function measure<T>(work: () => T): { result: T; ms: number } {
  const start = performance.now();
  const result = work();
  return { result, ms: performance.now() - start };
}

const planned = measure(() => planRound(nodes, wanted, new Map(), new Set(), [], 0, 0));
const options = {
  repository: "sciplat/lab",
  digests: new Set(digests),
  maxImages: 50,
  tolerations: [],
  readTime: 0,
};
const request = measure(() => {
  const nodeCache = nodeCacheMessage(nodeCacheOf(nodes, { ...options, memories: new Map() }));
  return toBinary(UpdateImagesRequestSchema, create(UpdateImagesRequestSchema, { source: "lab", nodeCache }));
});
process.send?.({
  planMs: planned.ms,
  requestMs: request.ms,
  requestBytes: request.result.length,
  present: planned.result.presentCount,
} satisfies PlanCost);
process.disconnect?.();
