/** Requests that are decoded in steps mean what they mean to the library, whatever the bytes. */
import { create, type DescMessage, equals, fromBinary, ScalarType, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
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

/**
 * Whether every field is of its wire type and ends within its message: the library looks at neither, and what follows
 * has no meaning then. The contract has messages, texts and numbers that are varints.
 */
function isSound(bytes: Uint8Array, message: DescMessage = Schema): boolean {
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      const field = message.fields.find((one) => one.number === number);
      const isText = field?.scalar === ScalarType.STRING;
      const isDelimited = field?.message !== undefined || isText;
      if (field && wireType !== (isDelimited ? WireType.LengthDelimited : WireType.Varint)) return false;
      if (!field?.message) reader.skip(wireType, number);
      else if (!isSound(reader.bytes(), field.message)) return false;
    }
    return reader.pos === reader.len;
  } catch {
    return false;
  }
}

/** Of bytes that are not sound, only that they are answered for. */
function expectSame(bytes: Uint8Array): void {
  const found = outcome(() => finish(decodingUpdate(bytes)));
  const expected = outcome(() => fromBinary(Schema, bytes, { readUnknownFields: false }));
  if (!isSound(bytes)) return;
  if (found === "no message" || expected === "no message") expect(found).toBe(expected);
  else expect(equals(Schema, found, expected), JSON.stringify([...bytes])).toBe(true);
}

it("any request", () => {
  fc.assert(fc.property(request, expectSame), { numRuns: 300 });
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
      expectSame(Uint8Array.from(changed));
    }),
    { numRuns: 3_000 },
  );
});

it("random bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), expectSame), { numRuns: 3_000 });
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
