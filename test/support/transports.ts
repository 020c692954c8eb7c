/**
 * Every way into the service, with the same handlers behind: in memory, and over sockets by gRPC, Connect and gRPC-Web.
 */
import { type Client, createClient, createRouterTransport, type Transport } from "@connectrpc/connect";
import {
  type ConnectTransportOptions,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { onTestFinished } from "vitest";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { imageSourceService } from "../../src/rpc/image-source-service.ts";
import { addService } from "../../src/servers/grpc-adapter.ts";
import { ReplyCache } from "../../src/servers/reply-cache.ts";
import { Catalog } from "../../src/sources/catalog.ts";
import type { ImageSource } from "../../src/sources/image-source.ts";
import { rules, serveGrpc } from "./grpc-servers.ts";
import { closingAgent, serveHttp } from "./http-servers.ts";

export type Ask = Client<typeof ImageSourceService>;

export interface Entrance {
  readonly ask: Ask;
  /** What the handlers called a bug. */
  readonly bugs: unknown[];
}

/** Opens a way to the sources; it is closed when the test ends. */
export type Way = (...sources: readonly ImageSource[]) => Promise<Entrance>;

/** No call of a test takes longer. */
const defaultTimeoutMs = 8_000;

const inMemory: Way = async (...sources) => {
  const { service, bugs } = handlers(sources);
  const routes = createRouterTransport((router) => router.service(ImageSourceService, service), {
    transport: { defaultTimeoutMs },
  });
  return { ask: createClient(ImageSourceService, routes), bugs };
};

const grpc: Way = async (...sources) => {
  const { service, bugs } = handlers(sources);
  const address = await serveGrpc((server) => addService(server, ImageSourceService, service, rules));
  return { ask: createClient(ImageSourceService, grpcTransport(address)), bugs };
};

/** What is kept holds as long as what sources tell of themselves: their versions and warnings. */
const grpcWithKeptReplies: Way = async (...sources) => {
  const { service, bugs } = handlers(sources);
  const told = new Map<string, number>();
  const epoch = () => {
    const state = JSON.stringify(sources.map(({ info }) => info));
    if (!told.has(state)) told.set(state, told.size);
    return told.get(state) ?? 0;
  };
  const replies = new ReplyCache({ epoch });
  const address = await serveGrpc((server) =>
    addService(server, ImageSourceService, service, { ...rules, replies }),
  );
  return { ask: createClient(ImageSourceService, grpcTransport(address)), bugs };
};

interface HttpOptions {
  readonly useBinaryFormat?: boolean;
  readonly useHttpGet?: boolean;
}

const overHttp =
  (transportOf: (options: ConnectTransportOptions) => Transport, options: HttpOptions): Way =>
  async (...sources) => {
    const { service, bugs } = handlers(sources);
    const address = await serveHttp((add) => add(ImageSourceService, service));
    const nodeOptions = { agent: closingAgent() };
    const at = { baseUrl: `http://${address}`, httpVersion: "1.1", nodeOptions } as const;
    const transport = transportOf({ ...at, defaultTimeoutMs, ...options });
    return { ask: createClient(ImageSourceService, transport), bugs };
  };

/** The rows of `describe.each`: ways that carry any message of the contract. */
export const binaryWays: readonly (readonly [string, Way])[] = [
  ["in memory", inMemory],
  ["by gRPC", grpc],
  ["by gRPC, with replies that are kept", grpcWithKeptReplies],
  ["by Connect, in binary", overHttp(createConnectTransport, { useBinaryFormat: true })],
  ["by gRPC-Web", overHttp(createGrpcWebTransport, {})],
];

/** Also those that cannot: JSON has no times beyond the year 9999, and an address is only so long. */
export const everyWay: readonly (readonly [string, Way])[] = [
  ...binaryWays,
  ["by Connect, in JSON", overHttp(createConnectTransport, { useBinaryFormat: false })],
  [
    "by Connect, in JSON, reading by GET",
    overHttp(createConnectTransport, { useBinaryFormat: false, useHttpGet: true }),
  ],
];

/** A connection of a generated client; it is closed when the test ends. */
export function grpcTransport(address: string): Transport {
  const sessionManager = new Http2SessionManager(`http://${address}`);
  onTestFinished(() => sessionManager.abort());
  return createGrpcTransport({ baseUrl: `http://${address}`, sessionManager, defaultTimeoutMs });
}

function handlers(sources: readonly ImageSource[]) {
  const bugs: unknown[] = [];
  onTestFinished(() => {
    for (const source of sources) source.stop();
  });
  return { bugs, service: imageSourceService(new Catalog(sources), (error) => bugs.push(error)) };
}
