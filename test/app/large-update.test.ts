/** Large requests, which are decoded in turns: what comes of them, and that others are answered meanwhile. */
import { create, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import pino from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  ImageSourceService,
  UpdateImagesRequestSchema,
} from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { startServer } from "../../src/app/server.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { frame, wireCall } from "../support/grpc-wire.ts";
import { grpcTransport } from "../support/transports.ts";

const path = `${ImageSourceService.typeName}/UpdateImages`;
const names = ["r.example/lab:w_2077_43"];

async function start() {
  const source = { name: "lab", type: "static", registry: "r.example", repository: "lab" };
  const config = {
    ...{ grpc: { address: "127.0.0.1:0" }, http: { address: "127.0.0.1:0" } },
    sources: [{ ...source, images: [{ tag: "w_2077_43" }] }],
  };
  const parsed = parseConfig(JSON.stringify(config), { directory: "/", isTerminal: false, now: Date.now() });
  const server = await startServer(parsed, pino({ level: "silent" }));
  onTestFinished(() => server.stop(0));
  return { address: server.address, ask: createClient(ImageSourceService, grpcTransport(server.address)) };
}

const nodesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `node-${index}`, images: [{ names }] }));

describe("a node cache of 20,000 nodes", () => {
  it("is taken whole, and callers are answered meanwhile", async () => {
    const { ask } = await start();
    let isDone = false;
    const update = ask.updateImages({ nodeCache: { nodes: nodesOf(20_000) } }).finally(() => {
      isDone = true;
    });
    let answered = 0;
    while (!isDone) {
      await ask.listSources({});
      answered += 1;
    }
    const { images, snapshot } = await update;
    expect([images[0]?.nodes.length, snapshot?.nodeCount]).toEqual([20_000, 20_000]);
    expect(answered).toBeGreaterThan(1);
  });

  it("is refused where two have one name, or there is one more", async () => {
    const { ask } = await start();
    for (const nodes of [[...nodesOf(10_000), { name: "node-7" }], nodesOf(20_001)])
      await expect(ask.updateImages({ nodeCache: { nodes } })).rejects.toThrow("node_cache.nodes");
    expect((await ask.listSources({})).sources[0]?.snapshot?.nodeCount).toBe(0);
  });
});

it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
  ["is cut off", (bytes) => bytes.slice(0, bytes.length - 3)],
  ["is garbage", (bytes) => bytes.fill(0xff)],
  ["holds what is no text", (bytes) => bytes.with(bytes.length - 3, 0xff)],
])("a large request that %s is none", async (_, harm) => {
  const { address, ask } = await start();
  const request = create(UpdateImagesRequestSchema, { nodeCache: { nodes: nodesOf(5_000) } });
  const body = frame(Buffer.from(harm(toBinary(UpdateImagesRequestSchema, request))));
  const reply = await wireCall(address, path, { body });
  expect(reply).toMatchObject({ code: 3, message: "the request is no such message" });
  expect((await ask.updateImages({})).images).toHaveLength(1);
});
