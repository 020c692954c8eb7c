/**
 * HTTP ports for tests: on a free port of the loopback address, ended when the test ends.
 */
import { Agent } from "node:http";
import { onTestFinished } from "vitest";
import { connectHandler } from "../../src/servers/connect-adapter.ts";
import { type HttpServerOptions, startHttpServer } from "../../src/servers/http-server.ts";
import { opsHandler } from "../../src/servers/ops-server.ts";
import { rules } from "./grpc-servers.ts";
import { onDeno } from "./runtime.ts";

type Mount = Parameters<typeof connectHandler>[0];

/** Where it listens. */
export async function serveHttp(
  mount: Mount,
  options: Partial<HttpServerOptions> = {},
  own: Partial<typeof rules> = {},
): Promise<string> {
  const fail = (error: unknown) => {
    throw error;
  };
  const server = await startHttpServer({
    address: "127.0.0.1:0",
    allowedOrigins: [],
    ops: opsHandler({ isReady: () => "", metrics: async () => "up 1\n" }),
    rpc: connectHandler(mount, { ...rules, ...own }, fail),
    failed: fail,
    ...options,
  });
  onTestFinished(() => server.drain(0));
  return server.address;
}

/** Connections that are kept, until the test ends. On Deno a POST of Connect's client hangs on one that had a GET. */
export function closingAgent(): Agent {
  const agent = new Agent({ keepAlive: !onDeno });
  onTestFinished(() => agent.destroy());
  return agent;
}
