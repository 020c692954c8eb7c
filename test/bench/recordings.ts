/**
 * The calls that are measured, and what the service answers to them: what the floor and the rival answer too.
 */
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import * as pb from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { nodeName, referenceOf, tagOf } from "./configurations.ts";
import { rawClient, serviceName } from "./raw-call.ts";

export interface Case {
  readonly name: string;
  readonly method: string;
  readonly requests: readonly Uint8Array[];
}

export interface Recording {
  readonly method: string;
  readonly request: Uint8Array;
  readonly reply: Uint8Array;
}

/** The sources that the calls are about, in the order of the configuration. */
export const sources = [
  { name: "hundred", images: 100, nodes: 10 },
  { name: "thousands", images: 2_000, nodes: 10 },
];

const tags = Array.from({ length: 100 }, (_, index) => tagOf(index));

export const tagCase = caseOf(
  "ImageForTagName, 100 tags",
  "ImageForTagName",
  pb.ImageForTagNameRequestSchema,
  tags.map((tagName) => ({ source: "hundred", tagName })),
);

export const cases: readonly Case[] = [
  ...sources.map(({ name: source, images }) => {
    return menuCase(`MenuImages, ${images} images`, source);
  }),
  ...sources.map(({ name: source, images }) => {
    const schema = pb.PrepulledImagesRequestSchema;
    return caseOf(`PrepulledImages, ${images} images`, "PrepulledImages", schema, [{ source }]);
  }),
  tagCase,
  caseOf(
    "ImageForReference, 100 references",
    "ImageForReference",
    pb.ImageForReferenceRequestSchema,
    tags.map((tag) => ({ source: "hundred", reference: referenceOf(tag) })),
  ),
  markCase("MarkPrepulled", "hundred", 10), // last: marks change the answers to the others
];

export function menuCase(name: string, source: string): Case {
  return caseOf(name, "MenuImages", pb.MenuImagesRequestSchema, [{ source }]);
}

/** Marks every tag on five nodes that do not list it. */
export function markCase(name: string, source: string, nodes: number): Case {
  const steps = Array.from({ length: 5 }, (_, index) => 1 + 2 * index * (nodes / 10));
  const requests = tags.flatMap((tag, index) =>
    steps.map((step) => ({ source, reference: referenceOf(tag), node: nodeName((index + step) % nodes) })),
  );
  return caseOf(name, "MarkPrepulled", pb.MarkPrepulledRequestSchema, requests);
}

function caseOf<D extends DescMessage>(
  name: string,
  method: string,
  schema: D,
  requests: readonly MessageInitShape<D>[],
): Case {
  return { name, method, requests: requests.map((request) => toBinary(schema, create(schema, request))) };
}

/** Asks a server; fails where an answer is none. */
export async function record(address: string, { method, requests }: Case): Promise<Recording[]> {
  const client = rawClient(address);
  try {
    const recordings: Recording[] = [];
    for (const request of requests) {
      recordings.push({ method, request, reply: await client.call(`/${serviceName}/${method}`, request) });
    }
    return recordings;
  } finally {
    client.close();
  }
}
