/** Replies that the gRPC port keeps: callers notice nothing of it, handlers only that they are asked less often. */
import { once } from "node:events";
import { connect } from "node:http2";
import { Code, ConnectError, createClient, type ServiceImpl } from "@connectrpc/connect";
import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { addService } from "../../src/servers/grpc-adapter.ts";
import { startGrpcServer } from "../../src/servers/grpc-server.ts";
import type { Outcome } from "../../src/servers/observer.ts";
import { ReplyCache } from "../../src/servers/reply-cache.ts";
import { rules, serverOptions } from "../support/grpc-servers.ts";
import { frame, wireCall } from "../support/grpc-wire.ts";
import { uncaught } from "../support/raw-servers.ts";
import { grpcTransport } from "../support/transports.ts";

type Handlers = Partial<ServiceImpl<typeof ImageSourceService>>;

const nothing = () => ({});
const others: ServiceImpl<typeof ImageSourceService> = {
  updateImages: nothing,
  imageForReference: nothing,
  imageForTagName: nothing,
  markPrepulled: nothing,
  menuImages: nothing,
  prepulledImages: nothing,
  listSources: nothing,
};
const menuPath = `${ImageSourceService.typeName}/MenuImages`;
const passing: ServerInterceptor = (_, call) => new ServerInterceptingCall(call);

async function serve(handlers: Handlers, interceptors: readonly ServerInterceptor[] = []) {
  let epoch = 0;
  const outcomes: Outcome[] = [];
  const ownRules = {
    ...rules,
    replies: new ReplyCache({ epoch: () => epoch }),
    observe: () => (outcome: Outcome) => outcomes.push(outcome),
  };
  const server = await startGrpcServer({ ...serverOptions, interceptors }, (port) => {
    addService(port, ImageSourceService, { ...others, ...handlers }, ownRules);
  });
  onTestFinished(() => server.drain(0));
  return {
    address: server.address,
    client: createClient(ImageSourceService, grpcTransport(server.address)),
    outcomes,
    move: () => {
      epoch += 1;
    },
  };
}

/** A handler that tells how often it was asked. */
function counting() {
  let count = 0;
  return {
    count: () => count,
    menuImages: ({ source }: { source: string }) => {
      count += 1;
      return { images: [{ name: `${source} ${count}`, tag: "x".repeat(100_000) }] };
    },
  };
}

describe.each<[string, readonly ServerInterceptor[]]>([
  ["without interceptors", []],
  ["behind two of them", [passing, passing]],
])("%s", (_, interceptors) => {
  it("the same question is answered with the same bytes, until the epoch moves", async () => {
    const { count, menuImages } = counting();
    const { client, address, move, outcomes } = await serve({ menuImages }, interceptors);
    const name = async (source: string) => (await client.menuImages({ source })).images[0]?.name;
    expect([await name("a"), await name("a"), await name("b"), await name("a")]).toEqual([
      "a 1",
      "a 1",
      "b 2",
      "a 1",
    ]);
    const [first, second] = [await wireCall(address, menuPath), await wireCall(address, menuPath)];
    expect(first).toMatchObject({ httpStatus: 200, code: 0, reset: undefined });
    expect(second).toEqual({ ...first, told: { ...first.told, ...second.told } });
    expect(second.told["content-type"]).toBe("application/grpc+proto");
    expect(count()).toBe(3);
    move();
    expect([await name("a"), await name("a")]).toEqual(["a 4", "a 4"]);
    expect(outcomes).toEqual(Array(8).fill(undefined));
  });
});

it.each<[string, Handlers, (client: ReturnType<typeof createClient<typeof ImageSourceService>>) => unknown]>([
  [
    "a promise",
    { menuImages: async () => ({ images: [{ name: `${Math.random()}` }] }) },
    (client) => client.menuImages({}).then(({ images }) => images[0]?.name),
  ],
  [
    "an error",
    {
      menuImages: () => {
        throw new ConnectError(`${Math.random()}`, Code.NotFound);
      },
    },
    (client) => client.menuImages({}).catch((error) => error.rawMessage),
  ],
  [
    "a reply with a trailer",
    {
      menuImages: (__, { responseTrailer }) => {
        responseTrailer.set("x-tail", "tail");
        return { images: [{ name: `${Math.random()}` }] };
      },
    },
    (client) => client.menuImages({}).then(({ images }) => images[0]?.name),
  ],
  [
    "the reply of a method that writes",
    { updateImages: () => ({ warnings: [`${Math.random()}`] }) },
    (client) => client.updateImages({}).then(({ warnings }) => warnings[0]),
  ],
])("%s is not kept", async (_, handlers, ask) => {
  const { client } = await serve(handlers);
  expect(await ask(client)).not.toEqual(await ask(client));
});

describe("a caller", () => {
  it("who does not read is waited for, and others are answered", async () => {
    const errors = uncaught();
    const { client, address } = await serve(counting());
    await client.menuImages({});
    const session = connect(`http://${address}`, { settings: { initialWindowSize: 0 } });
    onTestFinished(() => session.destroy());
    const headers = { ":method": "POST", ":path": `/${menuPath}`, "content-type": "application/grpc" };
    const slow = session.request({ ...headers, "grpc-timeout": "200m" });
    slow.end(frame(new Uint8Array()));
    await once(slow, "response");
    await new Promise((resolve) => setTimeout(resolve, 300)); // its deadline passes meanwhile
    expect((await client.menuImages({})).images).toHaveLength(1);
    session.destroy();
    expect((await client.menuImages({})).images).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it("who leaves at once harms nobody", async () => {
    const errors = uncaught();
    const { client, address } = await serve(counting());
    await client.menuImages({});
    const session = connect(`http://${address}`);
    onTestFinished(() => session.destroy());
    const headers = { ":method": "POST", ":path": `/${menuPath}`, "content-type": "application/grpc" };
    for (let count = 0; count < 100; count += 1) {
      const stream = session.request(headers).on("error", () => {});
      stream.end(frame(new Uint8Array()));
      if (count % 2) stream.close(8);
    }
    session.destroy();
    expect((await client.menuImages({})).images).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it("whose deadline has passed is told so", async () => {
    const { address } = await serve(counting());
    await wireCall(address, menuPath);
    const late = await wireCall(address, menuPath, { headers: { "grpc-timeout": "0m" } });
    expect([Code.DeadlineExceeded, 0]).toContain(late.code);
  });
});
