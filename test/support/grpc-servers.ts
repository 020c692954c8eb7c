/**
 * gRPC servers for tests: on a free port of the loopback address, ended when the test ends.
 */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Server } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { malformedRequest, requestTooLarge, toConnectError } from "../../src/rpc/errors.ts";
import { largestRequest, requestLimit } from "../../src/rpc/limits.ts";
import { startGrpcServer } from "../../src/servers/grpc-server.ts";
import type { RequestRules } from "../../src/servers/request-rules.ts";

/** Those of the contract. */
export const rules: RequestRules = {
  limitOf: ({ name }) => requestLimit(name),
  tooLarge: requestTooLarge,
  malformed: malformedRequest,
  closing: new AbortController().signal,
  unencodable: (cause) => toConnectError(cause, () => {}),
};

export const serverOptions = {
  address: "127.0.0.1:0",
  maxConcurrentStreams: 200,
  maxRequestBytes: largestRequest,
} as const;

/** Where it listens. */
export async function serveGrpc(mount: (server: Server) => void): Promise<string> {
  const server = await startGrpcServer(serverOptions, mount);
  onTestFinished(() => server.drain(0));
  return server.address;
}

/** An address whose port nobody holds now, for what has to be told its port. */
export async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `127.0.0.1:${port}`;
}
