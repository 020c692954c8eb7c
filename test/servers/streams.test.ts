/** Handlers of Connect's shape on grpc-js that stream: replies are taken in order and in time, and every stream ends. */
import { once } from "node:events";
import { Code, createClient, type ServiceImpl } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { addService } from "../../src/servers/grpc-adapter.ts";
import { Health as HealthStatus } from "../../src/servers/health.ts";
import { addReflection } from "../../src/servers/reflection.ts";
import { rules, serveGrpc } from "../support/grpc-servers.ts";
import { frame, wireCall } from "../support/grpc-wire.ts";
import { grpcTransport } from "../support/transports.ts";

type Handlers = Partial<ServiceImpl<typeof Health>>;

/** Any unary method and any stream will do: those of the health service are put to other use here. */
async function serve(handlers: Handlers) {
  const nothing: ServiceImpl<typeof Health> = { check: () => ({}), list: () => ({}), async *watch() {} };
  const address = await serveGrpc((server) => addService(server, Health, { ...nothing, ...handlers }, rules));
  return { address, client: createClient(Health, grpcTransport(address)) };
}

describe("when the server is about to end", () => {
  it("a stream of replies and one of questions end well, though their callers wait", async () => {
    const closing = new AbortController();
    const closable = { ...rules, closing: closing.signal };
    const address = await serveGrpc((server) => {
      addReflection(server, [Health], closable);
      addService(server, Health, new HealthStatus([]).service(), closable);
    });
    const transport = grpcTransport(address);
    const watching = createClient(Health, transport).watch({})[Symbol.asyncIterator]();
    await watching.next();
    const questions = async function* () {
      yield { messageRequest: { case: "listServices", value: "" } } as const;
      await new Promise(() => {});
    };
    const asking = createClient(ServerReflection, transport)
      .serverReflectionInfo(questions())
      [Symbol.asyncIterator]();
    await asking.next();
    closing.abort();
    expect(await watching.next()).toEqual({ done: true, value: undefined });
    expect(await asking.next()).toEqual({ done: true, value: undefined });
  });
});

describe("a stream of replies", () => {
  it("is made no faster than it is taken, and its handler ends when the caller leaves", async () => {
    let made = 0;
    const ended = Promise.withResolvers<void>();
    const text = "x".repeat(50_000);
    const address = await serveGrpc((server) =>
      addService(
        server,
        ServerReflection,
        {
          async *serverReflectionInfo(requests) {
            for await (const _ of requests) break;
            try {
              for (; made < 100_000; made += 1) yield { validHost: text };
            } finally {
              ended.resolve();
            }
          },
        },
        rules,
      ),
    );
    const leaving = new AbortController();
    const client = createClient(ServerReflection, grpcTransport(address));
    const replies = client
      .serverReflectionInfo(forever(), { signal: leaving.signal })
      [Symbol.asyncIterator]();
    for (let taken = 0; taken < 5; taken += 1) expect((await replies.next()).value?.validHost).toBe(text);
    expect(made).toBeLessThan(2_000); // 100 MB are not made for one who has taken five
    leaving.abort();
    await ended.promise;
    await expect(replies.next()).rejects.toMatchObject({ code: Code.Canceled });
    expect(made).toBeLessThan(2_000);
  });

  it("passes on many replies in order to one who takes them all", async () => {
    const count = 5_000;
    const { client } = await serve({
      async *watch() {
        for (let index = 0; index < count; index += 1) yield { status: (index % 3) as Status };
      },
    });
    const seen: number[] = [];
    for await (const { status } of client.watch({})) seen.push(status);
    expect(seen).toEqual(Array.from({ length: count }, (_, index) => index % 3));
  });

  it("aborts the signal of a handler that waits, when the caller leaves", async () => {
    const aborted = Promise.withResolvers<unknown>();
    const { client } = await serve({
      async *watch(_, { signal }) {
        yield { status: Status.SERVING };
        await once(signal, "abort");
        aborted.resolve(signal.reason);
      },
    });
    const leaving = new AbortController();
    const replies = client.watch({}, { signal: leaving.signal })[Symbol.asyncIterator]();
    await replies.next();
    leaving.abort();
    expect(await aborted.promise).toMatchObject({ code: Code.Canceled });
  });

  it("of a request that is no message fails as the rules say", async () => {
    const { address } = await serve({});
    const reply = await wireCall(address, "grpc.health.v1.Health/Watch", {
      body: frame(Buffer.from("ff", "hex")),
    });
    expect(reply).toMatchObject({ code: Code.InvalidArgument, message: "the request is no such message" });
  });
});

describe("a stream both ways", () => {
  const echo: ServiceImpl<typeof ServerReflection> = {
    async *serverReflectionInfo(requests) {
      for await (const { host } of requests) yield { validHost: host };
    },
  };

  it("answers each request, and ends well when the caller has no more", async () => {
    const address = await serveGrpc((server) => addService(server, ServerReflection, echo, rules));
    const client = createClient(ServerReflection, grpcTransport(address));
    async function* requests() {
      for (const host of ["a", "b", "c"]) yield { host };
    }
    const seen: string[] = [];
    for await (const { validHost } of client.serverReflectionInfo(requests())) seen.push(validHost);
    expect(seen).toEqual(["a", "b", "c"]);
  });

  it("sends its status also where the handler has not read to the end", async () => {
    const address = await serveGrpc((server) =>
      addService(
        server,
        ServerReflection,
        {
          async *serverReflectionInfo(requests) {
            for await (const { host } of requests) {
              yield { validHost: host };
              break;
            }
          },
        },
        rules,
      ),
    );
    const client = createClient(ServerReflection, grpcTransport(address));
    const seen: string[] = [];
    for await (const { validHost } of client.serverReflectionInfo(forever())) seen.push(validHost);
    expect(seen).toEqual(["one"]);
  });

  it("fails with a request that is no message, after the answers to those before", async () => {
    const address = await serveGrpc((server) => addService(server, ServerReflection, echo, rules));
    const body = Buffer.concat([frame(new Uint8Array()), frame(Buffer.from("ff", "hex"))]);
    const path = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    const reply = await wireCall(address, path, { body });
    expect(reply).toMatchObject({ code: Code.InvalidArgument, message: "the request is no such message" });
    expect(reply.body).toEqual(frame(new Uint8Array()));
  });
});

/** One request, and then none until the stream is closed. */
async function* forever() {
  yield { host: "one" };
  await new Promise<never>(() => {});
}
