/**
 * The whole service with certificates and tokens, for tests of who is let in; and what asks it. All of it ends with the
 * test.
 */
import { onTestFinished } from "vitest";
import { startServer } from "../../src/app/server.ts";
import { parseConfig } from "../../src/config/parse.ts";
import type { Logger } from "../../src/observability/logger.ts";
import type { Certificate } from "../registry/certificates.ts";
import { recordedLog, temporaryFile } from "../registry/reader.ts";

export interface Files {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Files of a certificate and its key. */
export function filesOf({ cert, key }: Certificate): Files {
  return { certificateFile: temporaryFile(cert), keyFile: temporaryFile(key) };
}

/** A configuration's text of a service with one image, with these keys of `grpc`. */
export function configOf(grpc: object): string {
  const source = {
    name: "lab",
    type: "static",
    registry: "r.example",
    repository: "lab",
    images: [{ tag: "w_1" }],
  };
  const shutdown = { wait: "0s", grace: "1s" };
  return JSON.stringify({ grpc: { address: "127.0.0.1:0", ...grpc }, shutdown, sources: [source] });
}

/** `text` is what it logged. */
export async function startSecured(grpc: object) {
  const { text, ...lines } = recordedLog();
  const log = { ...lines, child: () => log } as unknown as Logger;
  const config = parseConfig(configOf(grpc), { directory: "/", isTerminal: false, now: Date.now() });
  const server = await startServer(config, log, { intervalMs: 5 });
  onTestFinished(() => server.stop(0));
  return { address: server.address, text };
}
