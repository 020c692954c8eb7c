/** Any text and any number in any field of any request: a clear status, never a bug, and the next caller is served. */
import {
  create,
  type DescField,
  type DescMessage,
  type Message,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { byDigest, lab } from "../support/domain.ts";
import { type Ask, binaryWays } from "../support/transports.ts";
import { labSource, podReference } from "./fixture.ts";

const texts = fc.oneof(
  fc.constantFrom(
    "",
    "lab",
    "sandbox",
    "exp_dask",
    "node-1",
    podReference("exp_dask"),
    podReference("w_2077_42", "bb"),
  ),
  fc.constantFrom(
    byDigest("bb"),
    `${lab.registry}/${lab.repository}:x@sha256:0`,
    "\u0000",
    "\ud800",
    "a".repeat(2000),
  ),
  fc.string({ unit: "binary", maxLength: 400 }),
  fc.string({ maxLength: 20 }),
);

const int32 = fc.oneof(
  fc.constantFrom(0, 1, -1, 1000, 2 ** 31 - 1, -(2 ** 31)),
  fc.integer({ min: -5, max: 1005 }),
);
const int64 = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

/** Any message of a type, with fields set or not. */
function messages(desc: DescMessage): fc.Arbitrary<Message> {
  const fields = Object.fromEntries(
    desc.fields.map((field) => [field.localName, fc.option(values(field), { nil: undefined, freq: 3 })]),
  );
  return fc.record(fields).map((set) => {
    return create(desc, Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined)));
  });
}

function values(field: DescField): fc.Arbitrary<unknown> {
  if (field.fieldKind === "message") return messages(field.message);
  if (field.fieldKind === "list") {
    const item: fc.Arbitrary<unknown> = field.listKind === "message" ? messages(field.message) : texts;
    return fc.array(item, { maxLength: 4 });
  }
  if (field.fieldKind !== "scalar") throw new Error(`no values for ${field}`);
  switch (field.scalar) {
    case ScalarType.STRING:
      return texts;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.INT32:
      return int32;
    case ScalarType.INT64:
      return int64;
    default:
      throw new Error(`no values for ${field}`);
  }
}

const expected: readonly Code[] = [Code.InvalidArgument, Code.NotFound];

describe.each(binaryWays)("%s", (_, open) => {
  it.each(ImageSourceService.methods.map((method) => [method.name, method] as const))(
    "%s answers anything clearly",
    async (_, method) => {
      const { ask, bugs } = await open(await labSource());
      const call = ask[method.localName as keyof Ask] as (request: Message) => Promise<unknown>;
      await fc.assert(
        fc.asyncProperty(messages(method.input), async (request) => {
          toBinary(method.input, request); // what cannot be sent is no request
          const error = await call(request).then(() => undefined, ConnectError.from);
          if (error) {
            expect(expected).toContain(error.code);
            expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ domain: "imagesource.v1" }]);
          }
          await ask.menuImages({});
        }),
        { numRuns: 150 },
      );
      expect(bugs).toEqual([]);
    },
    20_000,
  );
});
