/**
 * A process of its own that plans a round of a large cluster, and tells how long that took: what the service is told, and
 * what is to be pulled.
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
}

const count = Number(process.argv[2]);
const digests = Array.from({ length: 10 }, (_, index) => `sha256:${String(index).repeat(64)}`);
const pool = new ImagePool();
const nodes = Array.from({ length: count }, (_, index) =>
  readNode(nodeJson(nodeWith(`node-${index}`, [])), pool),
).filter((node) => node !== undefined);
const images = digests.map((digest, index) => {
  const tag = `w_2077_${30 + index}`;
  const reference = `r.example:5000/sciplat/lab:${tag}@${digest}`;
  return { reference, digest, tag, architecture: "", recommended: false, nodes: [] };
});
const wanted = mergeWanted([{ source: "lab", images }]);

function measure(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const planMs = measure(() => planRound(nodes, wanted, new Map(), new Set(), [], 0, 0));
const options = {
  repository: "sciplat/lab",
  digests: new Set(digests),
  maxImages: 50,
  tolerations: [],
  readTime: 0,
};
const requestMs = measure(() => {
  const nodeCache = nodeCacheMessage(nodeCacheOf(nodes, { ...options, memories: new Map() }));
  return toBinary(UpdateImagesRequestSchema, create(UpdateImagesRequestSchema, { source: "lab", nodeCache }));
});
process.send?.({ planMs, requestMs } satisfies PlanCost);
process.disconnect?.();
