/**
 * The ways to ask the service, with one shape: the generated client by three protocols, and grpcurl, which knows
 * nothing of the contract but what the server's reflection tells.
 */
import { execFile } from "node:child_process";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { promisify } from "node:util";
import {
  create,
  type DescMethodUnary,
  fromJsonString,
  type MessageInitShape,
  toJsonString,
} from "@bufbuild/protobuf";
import { type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { ImageSourceService } from "../../../gen/imagesource/v1/image_source_service_pb.ts";
import { tools } from "./paths.ts";
import type { Place } from "./place.ts";

export type Ask = Client<typeof ImageSourceService>;

/** Those that tell all of an error. */
export const generatedWays = ["gRPC", "Connect in JSON", "gRPC-Web"] as const;
export const ways = [...generatedWays, "grpcurl"] as const;
export type Way = (typeof ways)[number];

const run = promisify(execFile);

const transports = new Map<number, Transport>();

/** The connection of all clients by gRPC to one place. It opens anew by itself where the service was restarted. */
export function transport(place: Place): Transport {
  const { port, secured } = place;
  const { ca, cert, key } = secured ?? {};
  const known =
    transports.get(port) ??
    createGrpcTransport({
      baseUrl: `${schemeOf(place)}://127.0.0.1:${port}`,
      interceptors: interceptorsOf(place),
      ...(ca && { nodeOptions: { ca, cert, key } }),
    });
  transports.set(port, known);
  return known;
}

export function clients(place: Place): Record<Way, Ask> {
  const http = {
    baseUrl: `${schemeOf(place)}://127.0.0.1:${place.httpPort}`,
    httpVersion: "1.1",
    interceptors: interceptorsOf(place),
    nodeOptions: { agent: agentOf(place) },
  } as const;
  const client = (by: Transport) => createClient(ImageSourceService, by);
  return {
    gRPC: client(transport(place)),
    "Connect in JSON": client(createConnectTransport({ ...http, useBinaryFormat: false, useHttpGet: true })),
    "gRPC-Web": client(createGrpcWebTransport(http)),
    grpcurl: byGrpcurl(place),
  };
}

/** Runs grpcurl, as `grpcurl ADDRESS command…` with what the place asks for, and gives what it prints. */
export async function grpcurl(
  { port, secured }: Place,
  command: readonly string[],
  data?: string,
): Promise<string> {
  const { ca = "", cert = "", key = "" } = secured?.files ?? {};
  const access = secured
    ? ["-cacert", ca, "-cert", cert, "-key", key, "-H", `authorization: Bearer ${secured.token}`]
    : ["-plaintext"];
  const options = [...access, "-max-time", "20", ...(data === undefined ? [] : ["-d", data])];
  const args = [...options, `127.0.0.1:${port}`, ...command];
  return (await run(tools.grpcurl, args, { maxBuffer: 64 << 20 })).stdout;
}

function byGrpcurl(place: Place): Ask {
  const call = (method: DescMethodUnary) => async (request: MessageInitShape<typeof method.input>) => {
    const data = toJsonString(method.input, create(method.input, request));
    const name = `${ImageSourceService.typeName}/${method.name}`;
    return fromJsonString(method.output, await grpcurl(place, [name], data)); // refuses unknown fields
  };
  return Object.fromEntries(
    ImageSourceService.methods.map((method) => [method.localName, call(method as DescMethodUnary)]),
  ) as unknown as Ask;
}

function schemeOf({ secured }: Place): string {
  return secured ? "https" : "http";
}

function interceptorsOf({ secured }: Place): Interceptor[] {
  if (!secured) return [];
  return [
    (next) => (request) => {
      request.header.set("authorization", `Bearer ${secured.token}`);
      return next(request);
    },
  ];
}

/** A connection for every call: one that is kept would be found dead where the service was restarted. */
function agentOf({ secured }: Place): HttpAgent | HttpsAgent {
  if (!secured) return new HttpAgent({ keepAlive: false });
  const { ca, cert, key } = secured;
  return new HttpsAgent({ keepAlive: false, ca, cert, key });
}
