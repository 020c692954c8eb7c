/**
 * The whole service with certificates and tokens, for tests of who is let in; and what asks it. All of it ends with the
 * test.
 */
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";
import { Code, ConnectError } from "@connectrpc/connect";
import { onTestFinished } from "vitest";
import { startServer } from "../../src/app/server.ts";
import { reasonOf } from "../../src/client/failures.ts";
import type { ServiceClientOptions } from "../../src/client/service-client.ts";
import { parseConfig } from "../../src/config/parse.ts";
import type { Logger } from "../../src/observability/logger.ts";
import { clientOf } from "../client/service.ts";
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

/** A configuration's text of a service with one image, with these keys of `grpc` and `http`. */
export function configOf(grpc: object, http: object = {}): string {
  const source = {
    name: "lab",
    type: "static",
    registry: "r.example",
    repository: "lab",
    images: [{ tag: "w_1" }],
  };
  const shutdown = { wait: "0s", grace: "1s" };
  return JSON.stringify({
    grpc: { address: "127.0.0.1:0", ...grpc },
    http: { address: "127.0.0.1:0", ...http },
    shutdown,
    sources: [source],
  });
}

/** `text` is what it logged. */
export async function startSecured(grpc: object, http: object = {}) {
  const { text, ...lines } = recordedLog();
  const log = { ...lines, child: () => log, isLevelEnabled: () => true } as unknown as Logger;
  const config = parseConfig(configOf(grpc, http), { directory: "/", isTerminal: false, now: Date.now() });
  const server = await startServer(config, log, { intervalMs: 5 });
  onTestFinished(() => server.stop(0));
  return { address: server.address, httpAddress: server.httpAddress, text };
}

type AskOptions = { readonly [Key in keyof ServiceClientOptions]?: ServiceClientOptions[Key] | undefined };

/** How one call over a new connection of the prepuller's client ends: with images, or a code and the service's reason. */
export async function ask(address: string, options: AskOptions): Promise<string> {
  const { tokenFile, caFile, clientCertificate } = options;
  const client = clientOf({ url: `https://${address}`, tokenFile, caFile, clientCertificate });
  const end = await client.rpc.menuImages({}).then(
    ({ images }) => `${images.length} image`,
    (error: unknown) => `${Code[ConnectError.from(error).code]} ${reasonOf(error)}`.trim(),
  );
  client.close();
  return end;
}

/** The fingerprint of what a new connection is shown. */
export async function certificateShown(address: string): Promise<string> {
  const port = Number(address.split(":")[1]);
  const socket = connect({
    host: "127.0.0.1",
    port,
    ALPNProtocols: ["h2", "http/1.1"],
    rejectUnauthorized: false,
  });
  await once(socket, "secureConnect");
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return sha256(raw);
}

export function fingerprint({ cert }: Certificate): string {
  return sha256(new X509Certificate(cert).raw);
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
