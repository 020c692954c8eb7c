/**
 * Two ways to ask the service, with one shape: the generated Connect client, and grpcurl, which knows nothing of the
 * contract but what the server's reflection tells.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  create,
  type DescMethodUnary,
  fromJsonString,
  type MessageInitShape,
  toJsonString,
} from "@bufbuild/protobuf";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ImageSourceService } from "../../../gen/imagesource/v1/image_source_service_pb.ts";
import { tools } from "./paths.ts";

export type Ask = Client<typeof ImageSourceService>;

export const ways = ["Connect", "grpcurl"] as const;
export type Way = (typeof ways)[number];

const run = promisify(execFile);

const transports = new Map<number, Transport>();

/** The connection of all generated clients to one port. It opens anew by itself where the service was restarted. */
export function transport(port: number): Transport {
  const known = transports.get(port) ?? createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
  transports.set(port, known);
  return known;
}

export function clients(port: number): Record<Way, Ask> {
  return { Connect: createClient(ImageSourceService, transport(port)), grpcurl: byGrpcurl(port) };
}

/** Runs grpcurl and gives what it prints. */
export async function grpcurl(...args: readonly string[]): Promise<string> {
  return (await run(tools.grpcurl, ["-plaintext", "-max-time", "20", ...args], { maxBuffer: 64 << 20 }))
    .stdout;
}

function byGrpcurl(port: number): Ask {
  const call = (method: DescMethodUnary) => async (request: MessageInitShape<typeof method.input>) => {
    const data = toJsonString(method.input, create(method.input, request));
    const name = `${ImageSourceService.typeName}/${method.name}`;
    return fromJsonString(method.output, await grpcurl("-d", data, `127.0.0.1:${port}`, name)); // refuses unknown fields
  };
  return Object.fromEntries(
    ImageSourceService.methods.map((method) => [method.localName, call(method as DescMethodUnary)]),
  ) as unknown as Ask;
}
