/** Handlers of Connect's shape on grpc-js: what they are told of a call, and what a caller gets of what they do. */
import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as Status,
} from "../../gen/grpc/health/v1/health_pb.ts";

import { addService } from "../../src/servers/grpc-adapter.ts";
import { rules, serveGrpc } from "../support/grpc-servers.ts";
import { wireCall } from "../support/grpc-wire.ts";
import { grpcTransport } from "../support/transports.ts";

type Handlers = Partial<ServiceImpl<typeof Health>>;

/** Any unary method and any stream will do: those of the health service are put to other use here. */
async function serve(handlers: Handlers) {
  const nothing: ServiceImpl<typeof Health> = { check: () => ({}), list: () => ({}), async *watch() {} };
  const address = await serveGrpc((server) => addService(server, Health, { ...nothing, ...handlers }, rules));
  return { address, client: createClient(Health, grpcTransport(address)) };
}

describe("a unary call", () => {
  it("tells its handler headers, deadline, method and address, and sends headers and trailers", async () => {
    const told: unknown[] = [];
    const { address, client } = await serve({
      check: (_, context) => {
        const { requestHeader, responseHeader, responseTrailer, values, protocolName, requestMethod } =
          context;
        const left = context.timeoutMs() ?? 0;
        told.push(requestHeader.get("x-text"), requestHeader.get("x-bytes-bin"), left > 0 && left <= 7_000);
        told.push(context.method.name, context.service.typeName, context.url, protocolName, requestMethod);
        told.push(values !== undefined && context.values === values);
        responseHeader.set("x-text", "head");
        responseHeader.set("x-bytes-bin", "/wA=");
        responseTrailer.set("x-tail", "tail");
        responseTrailer.set("x-tail-bin", "AP8=");
        return { status: Status.SERVING };
      },
    });
    let [header, trailer] = [new Headers(), new Headers()];
    await client.check(
      {},
      {
        timeoutMs: 7_000,
        headers: { "x-text": "hello", "x-bytes-bin": "AP8=" },
        onHeader: (found) => {
          header = found;
        },
        onTrailer: (found) => {
          trailer = found;
        },
      },
    );
    expect(told).toEqual([
      ...["hello", "AP8=", true, "Check", "grpc.health.v1.Health"],
      ...[`http://${address}/grpc.health.v1.Health/Check`, "grpc", "POST", true],
    ]);
    expect([header.get("x-text"), header.get("x-bytes-bin")]).toEqual(["head", "/wA="]);
    expect([trailer.get("x-tail"), trailer.get("x-tail-bin")]).toEqual(["tail", "AP8="]);
  });

  it.each<[string, HandlerResult]>([
    ["a value", () => ({ status: Status.SERVING })],
    ["a promise", async () => ({ status: Status.SERVING })],
  ])("answers with %s", async (_, check) => {
    const { client } = await serve({ check });
    expect((await client.check({})).status).toBe(Status.SERVING);
  });

  it("has no deadline where the caller has none", async () => {
    const told = Promise.withResolvers<number | undefined>();
    const { address } = await serve({
      check: (_, context) => {
        told.resolve(context.timeoutMs());
        return {};
      },
    });
    expect(await wireCall(address, "grpc.health.v1.Health/Check")).toMatchObject({ code: 0 });
    expect(await told.promise).toBeUndefined();
  });

  /** A handler that waits until its signal is aborted, and why it was. */
  async function waiting() {
    const begun = Promise.withResolvers<void>();
    const reason = Promise.withResolvers<unknown>();
    const served = await serve({
      check: async (_, { signal }) => {
        begun.resolve();
        await once(signal, "abort");
        reason.resolve(signal.reason);
        throw signal.reason;
      },
    });
    return { ...served, begun: begun.promise, reason: reason.promise };
  }

  it("aborts the handler's signal when the caller leaves", async () => {
    const { client, begun, reason } = await waiting();
    const leaving = new AbortController();
    const failed = client.check({}, { signal: leaving.signal }).catch(ConnectError.from);
    await begun;
    leaving.abort();
    expect(await reason).toMatchObject({ code: Code.Canceled });
    expect(await failed).toMatchObject({ code: Code.Canceled });
  });

  it("aborts the handler's signal when the deadline passes, and says so", async () => {
    const { address, reason } = await waiting();
    const headers = { "grpc-timeout": "30m" };
    const reply = await wireCall(address, "grpc.health.v1.Health/Check", { headers });
    expect(reply.code).toBe(Code.DeadlineExceeded);
    expect(await reason).toMatchObject({ code: Code.DeadlineExceeded });
  });
});

type HandlerResult = (
  request: unknown,
  context: HandlerContext,
) => { status: Status } | Promise<{ status: Status }>;

describe("a failure", () => {
  const info = { reason: "SOME", domain: "test" };
  const withDetails = (message: string) =>
    new ConnectError(message, Code.DataLoss, undefined, [{ desc: ErrorInfoSchema, value: info }]);

  it.each([
    ["plain", "plain"],
    ["of several lines, with % and €\n𝄞", "of several lines, with % and €\n𝄞"],
    ["lone \ud800 surrogate", "lone \ufffd surrogate"],
    ["\udc00", "\ufffd"],
    ["", ""],
  ])("keeps code, message and details: %j", async (message, sent) => {
    const { address } = await serve({
      check: () => {
        throw withDetails(message);
      },
    });
    const reply = await wireCall(address, "grpc.health.v1.Health/Check");
    expect(reply).toMatchObject({
      code: Code.DataLoss,
      message: sent,
      details: { code: Code.DataLoss, message: sent },
    });
    expect(reply.details?.details).toHaveLength(1);
  });

  it.each<[string, () => never]>([
    [
      "thrown",
      () => {
        throw new TypeError("secret");
      },
    ],
    [
      "no Error",
      () => {
        throw "secret";
      },
    ],
  ])("tells nothing of what is %s and no status", async (_, check) => {
    const { address } = await serve({ check });
    const reply = await wireCall(address, "grpc.health.v1.Health/Check");
    expect(reply).toMatchObject({ code: Code.Internal, message: "internal error", details: undefined });
  });

  it("of a promise and of a stream is sent too, after what was yielded", async () => {
    const { client } = await serve({
      check: () => Promise.reject(withDetails("later")),
      async *watch() {
        yield { status: Status.SERVING };
        throw withDetails("in between");
      },
    });
    const unary = await client.check({}).catch(ConnectError.from);
    expect(unary).toMatchObject({ code: Code.DataLoss, rawMessage: "later" });
    const seen: Status[] = [];
    const streamed = await (async () => {
      for await (const { status } of client.watch({})) seen.push(status);
    })().catch(ConnectError.from);
    expect(seen).toEqual([Status.SERVING]);
    expect(streamed).toMatchObject({ code: Code.DataLoss, rawMessage: "in between" });
    expect((streamed as ConnectError).findDetails(ErrorInfoSchema)).toMatchObject([info]);
  });

  it("of a reply that cannot be encoded is an internal error of the contract", async () => {
    const { client } = await serve({ check: () => ({ status: 0.5 as never }) });
    const error = await client.check({}).catch(ConnectError.from);
    expect(error).toMatchObject({ code: Code.Internal, rawMessage: "internal error" });
    expect((error as ConnectError).findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "INTERNAL" }]);
  });

  it("whose details cannot be encoded is an internal error, and the server lives", async () => {
    const odd = { desc: RetryInfoSchema, value: { retryDelay: { nanos: 0.5 } } };
    const { address } = await serve({
      check: () => {
        throw new ConnectError("odd", Code.NotFound, undefined, [odd]);
      },
    });
    const headers = { "grpc-timeout": "2S" };
    expect((await wireCall(address, "grpc.health.v1.Health/Check", { headers })).code).toBe(Code.Internal);
  });

  it("of encoding the reply is an internal error with a status", async () => {
    const { address } = await serve({ check: () => ({ status: (2 ** 40) as Status }) });
    expect((await wireCall(address, "grpc.health.v1.Health/Check")).code).toBe(Code.Internal);
  });
});

it("a service whose handler is missing is refused when it is mounted", async () => {
  const incomplete = { check: () => create(HealthCheckRequestSchema) } as unknown as ServiceImpl<
    typeof Health
  >;
  await expect(serveGrpc((server) => addService(server, Health, incomplete, rules))).rejects.toThrow(
    "no handler",
  );
});
