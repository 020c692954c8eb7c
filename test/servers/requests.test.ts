/** Requests that never reach a handler: bytes that are no message, too many of them, and what grpc-js refuses itself. */
import { gzipSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BadRequestSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import {
  ImageForTagNameRequestSchema,
  ImageSourceService,
} from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { imageSourceService } from "../../src/rpc/image-source-service.ts";
import { addService } from "../../src/servers/grpc-adapter.ts";
import { Catalog } from "../../src/sources/catalog.ts";
import { labSource } from "../rpc/fixture.ts";
import { rules, serveGrpc } from "../support/grpc-servers.ts";
import { frame, type WireReply, type WireRequest, wireCall } from "../support/grpc-wire.ts";
import { onDeno } from "../support/runtime.ts";

const service = ImageSourceService.typeName;
const methods = ImageSourceService.methods.map((method) => [method.name, method] as const);

async function serve() {
  const bugs: unknown[] = [];
  const catalog = new Catalog([await labSource()]);
  const handlers = imageSourceService(catalog, (error) => bugs.push(error));
  const address = await serveGrpc((server) => addService(server, ImageSourceService, handlers, rules));
  return { address, bugs };
}

/** Reason of the one `ErrorInfo`, once the status in the details is the one beside it. */
function reasonOf({ code, message, details }: WireReply): string | undefined {
  expect(details).toMatchObject({ code, message });
  const infos = (details?.details ?? []).filter(({ typeUrl }) => typeUrl.endsWith("/google.rpc.ErrorInfo"));
  expect(infos).toHaveLength(1);
  const info = fromBinary(ErrorInfoSchema, infos[0]?.value ?? new Uint8Array());
  expect(info.domain).toBe("imagesource.v1");
  return info.reason;
}

/** So many bytes that are a message of any type: a field that nobody knows. */
function padded(size: number): Buffer {
  const length = Buffer.from([0, 0, 0, 0, 0]);
  const rest = size - 7;
  for (let index = 0; index < 5; index += 1) {
    length[index] = ((rest >>> (7 * index)) & 0x7f) | (index < 4 ? 0x80 : 0);
  }
  return Buffer.concat([Buffer.from([0xa2, 0x06]), length, Buffer.alloc(rest)]); // field 100, of bytes
}

const kib = 1024;
const limits = { UpdateImages: 64 * kib * kib, PrepulledImages: 6 * kib * kib } as Record<string, number>;

describe.each(methods)("%s", (name, method) => {
  const limit = limits[name] ?? 64 * kib;
  const fails = (bytes: Uint8Array) => {
    try {
      fromBinary(method.input, bytes);
      return false;
    } catch {
      return true;
    }
  };

  it.each([
    ["a field cut off", "0a05"],
    ["a tag of field 0", "00"],
    ["an endless number", "ffffffffffffffffffffff"],
    ["a group that is not ended", "0b"],
  ])("refuses %s", async (_, hex) => {
    const bytes = Buffer.from(hex, "hex");
    expect(fails(bytes)).toBe(true);
    const { address, bugs } = await serve();
    const reply = await wireCall(address, `${service}/${name}`, { body: frame(bytes) });
    expect([reply.code, reasonOf(reply)]).toEqual([Code.InvalidArgument, "INVALID_REQUEST"]);
    expect(bugs).toEqual([]);
  });

  it("answers any bytes clearly", async () => {
    const { address, bugs } = await serve();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
        const reply = await wireCall(address, `${service}/${name}`, { body: frame(bytes) });
        if (fails(bytes)) {
          expect([reply.code, reasonOf(reply)]).toEqual([Code.InvalidArgument, "INVALID_REQUEST"]);
        } else expect([Code.InvalidArgument, Code.NotFound, 0]).toContain(reply.code);
      }),
      { numRuns: 40 },
    );
    expect(bugs).toEqual([]);
  }, 20_000);

  it(`takes ${limit} bytes`, async () => {
    const { address } = await serve();
    const reply = await wireCall(address, `${service}/${name}`, { body: frame(padded(limit)) });
    expect([0, Code.InvalidArgument]).toContain(reply.code); // where names are missing they are missed
  }, 20_000);
});

it.each(methods.map(([name]) => name))(
  "%s refuses a byte more than its limit",
  async (name) => {
    const limit = limits[name] ?? 64 * kib;
    const { address } = await serve();
    const reply = await wireCall(address, `${service}/${name}`, { body: frame(padded(limit + 1)) });
    expect([reply.code, reasonOf(reply)]).toEqual([Code.ResourceExhausted, "REQUEST_TOO_LARGE"]);
    expect(reply.message).toContain(String(limit));
  },
  20_000,
);

it("text that is no UTF-8 is no message", async () => {
  const { address } = await serve();
  const body = frame(Buffer.from("0a02c328", "hex"));
  const reply = await wireCall(address, `${service}/MenuImages`, { body });
  expect([reply.code, reasonOf(reply)]).toEqual([Code.InvalidArgument, "INVALID_REQUEST"]);
});

it("fields that are wrong are named in the details that are sent", async () => {
  const { address } = await serve();
  const reply = await wireCall(address, `${service}/ImageForTagName`);
  expect([reply.code, reasonOf(reply)]).toEqual([Code.InvalidArgument, "INVALID_REQUEST"]);
  const bad = reply.details?.details.find(
    ({ typeUrl }) => typeUrl === "type.googleapis.com/google.rpc.BadRequest",
  );
  const { fieldViolations } = fromBinary(BadRequestSchema, bad?.value ?? new Uint8Array());
  expect(fieldViolations.map(({ field }) => field)).toEqual(["tag_name"]);
});

it("far more than any limit is refused without reading it, and the server goes on", async () => {
  const { address } = await serve();
  const head = frame(new Uint8Array(), { length: 2 ** 31 });
  const reply = await wireCall(address, `${service}/UpdateImages`, { body: head });
  expect(reply.code).toBe(Code.ResourceExhausted);
  expect((await wireCall(address, `${service}/MenuImages`)).code).toBe(0);
});

const request = toBinary(
  ImageForTagNameRequestSchema,
  create(ImageForTagNameRequestSchema, { tagName: "sandbox" }),
);
const two = Buffer.concat([frame(request), frame(request)]);
const zipped = frame(gzipSync(request), { compressed: true });
const bomb = frame(gzipSync(Buffer.alloc(65 * kib * kib)), { compressed: true });
const gzip = { "grpc-encoding": "gzip" };
const unsupported = onDeno ? 200 : 415; // it does not know the name by which grpc-js takes this status
const pairs = Object.fromEntries(Array.from({ length: 140 }, (_, index) => [`x-${index}`, "1"]));

/** gRPC's own answers (architecture 1: they keep their codes and have no details). */
describe("grpc-js", () => {
  it.each<[string, string, WireRequest, Partial<WireReply>]>([
    ["an unknown method", "Nothing", {}, { code: Code.Unimplemented }],
    ["an empty stream", "ImageForTagName", { body: Buffer.alloc(0) }, { code: Code.Unimplemented }],
    ["two messages", "ImageForTagName", { body: two }, { code: Code.Unimplemented }],
    [
      "an unknown encoding",
      "ImageForTagName",
      { headers: { "grpc-encoding": "zzz" }, body: frame(request, { compressed: true }) },
      { code: Code.Unimplemented },
    ],
    [
      "compression that is broken",
      "ImageForTagName",
      { headers: gzip, body: frame(request, { compressed: true }) },
      { code: Code.Internal },
    ],
    ["a compressed bomb", "UpdateImages", { headers: gzip, body: bomb }, { code: Code.ResourceExhausted }],
    [
      "a length of 4 GiB",
      "ImageForTagName",
      { body: frame(request, { length: 0xffffffff }) },
      { code: Code.ResourceExhausted },
    ],
    [
      "a wrong content type",
      "ImageForTagName",
      { headers: { "content-type": "text/html" } },
      { httpStatus: unsupported },
    ],
    [
      "no content type",
      "ImageForTagName",
      { headers: { "content-type": undefined } },
      { httpStatus: unsupported },
    ],
    ["very many headers", "ImageForTagName", { headers: pairs }, { httpStatus: 0, reset: 11 }],
  ])("refuses %s, without details, and goes on", async (_, method, sent, expected) => {
    const { address, bugs } = await serve();
    const reply = await wireCall(address, `${service}/${method}`, { body: frame(request), ...sent });
    expect(reply).toMatchObject({ ...expected, details: undefined });
    const next = await wireCall(address, `${service}/ImageForTagName`, { body: frame(request) });
    expect(next.code).toBe(0);
    expect(bugs).toEqual([]);
  });

  it.each<[string, WireRequest]>([
    ["gzip", { headers: gzip, body: zipped }],
    ["no compression where it is announced", { headers: gzip, body: frame(request) }],
    ["60 KB of headers", { headers: { "x-long": "a".repeat(60_000) } }],
  ])("takes %s", async (_, sent) => {
    const { address } = await serve();
    const reply = await wireCall(address, `${service}/ImageForTagName`, { body: frame(request), ...sent });
    expect(reply.code).toBe(0);
  });

  it("knows no other service", async () => {
    const { address } = await serve();
    expect((await wireCall(address, "a.B/C")).code).toBe(Code.Unimplemented);
  });
});
