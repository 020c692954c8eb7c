/** A registry that takes every request and never answers. */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface HangingRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Ends with the first request. */
  readonly asked: Promise<IncomingMessage>;
}

/** It is closed when the test ends. */
export async function hangingRegistry(): Promise<HangingRegistry> {
  const server = createServer(() => {});
  const asked = once(server, "request").then(([request]) => request as IncomingMessage);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
