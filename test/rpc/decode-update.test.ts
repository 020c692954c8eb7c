/** Requests that are decoded in steps mean what they mean to the library, whatever the bytes. */
import { create, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, it } from "vitest";
import { NodeCacheSchema } from "../../gen/imagesource/v1/image_pb.ts";
import {
  UpdateImagesRequestSchema as Schema,
  type UpdateImagesRequest,
} from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { finish } from "../../src/domain/steps.ts";
import { decodingUpdate } from "../../src/rpc/decode-update.ts";

const text = fc.constantFrom("", "a", "node-1", "r.example.org/lab:w_1", "ä\u{1f600}");
const image = fc.record(
  { names: fc.array(text, { maxLength: 3 }), sizeBytes: fc.constantFrom(0n, 5n, -1n, 2n ** 62n) },
  { requiredKeys: [] },
);
const time = fc.record({ seconds: fc.constantFrom(0n, 7n, -(2n ** 60n)), nanos: fc.constantFrom(0, 9) });
const node = fc.record(
  {
    ...{ name: text, ineligibleReason: text, architecture: text, createTime: time },
    ...{ images: fc.array(image, { maxLength: 4 }), partial: fc.boolean() },
  },
  { requiredKeys: [] },
);
const request = fc
  .record(
    {
      source: text,
      prepull: fc.record({ recommendedTag: text, numReleases: fc.nat(5) }, { requiredKeys: [] }),
      nodeCache: fc.record({ nodes: fc.array(node, { maxLength: 4 }), readTime: time }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )
  .map((value) => toBinary(Schema, create(Schema, value)));

/** What is decoded, without unknown fields; or that it fails. */
function outcome(decode: () => UpdateImagesRequest): UpdateImagesRequest | "no message" {
  try {
    return fromBinary(Schema, toBinary(Schema, decode()), { readUnknownFields: false });
  } catch {
    return "no message";
  }
}

/** `isSound` false: a field that reaches beyond its message is refused, which the library does not notice. */
function expectSame(bytes: Uint8Array, isSound = true): void {
  const found = outcome(() => finish(decodingUpdate(bytes)));
  const expected = outcome(() => fromBinary(Schema, bytes, { readUnknownFields: false }));
  if (found === "no message" && !isSound) return;
  if (found === "no message" || expected === "no message") expect(found).toBe(expected);
  else expect(equals(Schema, found, expected), JSON.stringify([...bytes])).toBe(true);
}

it("any request", () => {
  fc.assert(
    fc.property(request, (bytes) => expectSame(bytes)),
    { numRuns: 300 },
  );
});

it("requests one after the other, which protobuf takes as one", () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 3 }), (parts) => expectSame(Buffer.concat(parts))),
    { numRuns: 300 },
  );
});

it("requests with bytes that are changed, left out or added", () => {
  const change = fc.tuple(fc.nat(200), fc.nat(255), fc.constantFrom("set", "cut", "insert"));
  fc.assert(
    fc.property(request, fc.array(change, { minLength: 1, maxLength: 3 }), (bytes, changes) => {
      let changed = [...bytes];
      for (const [at, value, how] of changes) {
        const index = at % (changed.length + 1);
        if (how === "set") changed[index] = value;
        else if (how === "cut") changed = changed.slice(0, index);
        else changed.splice(index, 0, value);
      }
      expectSame(Uint8Array.from(changed), false);
    }),
    { numRuns: 2_000 },
  );
});

it("random bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => expectSame(bytes, false)),
    { numRuns: 2_000 },
  );
});

it("nodes share what they list alike", () => {
  const images = [{ names: ["a", "b"], sizeBytes: 3n }];
  const nodes = [
    { name: "n1", images },
    { name: "n2", images },
  ];
  const bytes = toBinary(Schema, create(Schema, { nodeCache: create(NodeCacheSchema, { nodes }) }));
  const [first, second] = finish(decodingUpdate(bytes)).nodeCache?.nodes ?? [];
  expect(first?.images[0]).toBe(second?.images[0]);
});
