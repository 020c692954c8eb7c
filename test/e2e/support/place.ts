/**
 * Where a service listens, and what it asks of those who call it.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Authority, authority } from "../../registry/certificates.ts";
import { newDirectory } from "./paths.ts";
import { freePort } from "./ports.ts";

export interface Place {
  /** Of gRPC. */
  readonly port: number;
  readonly httpPort: number;
  /** Undefined: plaintext, and everybody may call. */
  readonly secured?: Secured;
}

/** TLS on both ports, for clients that show a certificate and a token. */
export interface Secured {
  /** In PEM form: whom clients trust, and what they show. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly token: string;
  /** Who signed both certificates. */
  readonly authority: Authority;
  readonly files: Readonly<Record<"ca" | "cert" | "key" | "serverCert" | "serverKey" | "tokens", string>>;
}

/** Ports that are free now. */
export async function freePlace(secured?: Secured): Promise<Place> {
  return { port: await freePort(), httpPort: await freePort(), ...(secured && { secured }) };
}

export function newSecured(): Secured {
  const ours = authority("image-source e2e");
  const [server, client] = [ours.issue("service"), ours.issue("hub")];
  const token = "e2e-t0ken";
  const directory = newDirectory("secured");
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
  return {
    ...{ ca: ours.cert, cert: client.cert, key: client.key, token, authority: ours },
    files: {
      ca: file("ca.crt", ours.cert),
      cert: file("client.crt", client.cert),
      key: file("client.key", client.key),
      serverCert: file("server.crt", server.cert),
      serverKey: file("server.key", server.key),
      tokens: file("tokens", `${token}\nread e2e-reader\n`),
    },
  };
}

/** The keys of a configuration for it. */
export function portsOf({ port, httpPort, secured }: Place): {
  readonly grpc: object;
  readonly http: object;
} {
  const tls = secured && {
    certificateFile: secured.files.serverCert,
    keyFile: secured.files.serverKey,
    clientCaFile: secured.files.ca,
  };
  return {
    grpc: { address: `127.0.0.1:${port}`, tls, tokensFile: secured?.files.tokens },
    http: { address: `127.0.0.1:${httpPort}`, tls },
  };
}
