/**
 * The TLS of the gRPC port, for grpc-js, whose certificates can be replaced while it listens. New connections get the
 * new ones; those that are open stay.
 *
 * grpc-js's own createSsl takes the roots of GRPC_DEFAULT_SSL_ROOTS_FILE_PATH where no CA is named, which are too many
 * for a handshake on Deno; its provider of watched files drops connections while a file is missing.
 */
import { ServerCredentials } from "@grpc/grpc-js";
import { type ServerTlsMaterial, type ServerTlsOptions, serverTlsFiles } from "../files/server-tls-files.ts";
import type { FilesLog } from "../files/watched-files.ts";

/** Of a client that begins and goes silent. */
const handshakeTimeout = 10_000;

class TlsCredentials extends ServerCredentials {
  constructor(material: ServerTlsMaterial, asksClients: boolean) {
    super({ requestCert: asksClients, rejectUnauthorized: asksClients, handshakeTimeout }, { ...material });
  }

  /** Not with what TLS refuses: grpc-js would drop every connection from then on. */
  replace(material: ServerTlsMaterial): void {
    this.updateSecureContextOptions({ ...material });
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

export interface WatchedCredentials {
  readonly credentials: ServerCredentials;
  /** The authorities of clients that are trusted now, in PEM form; empty where none is asked for. */
  readonly ca: string;
  close(): void;
}

/** Fails, naming the file and no content, where one cannot be used. */
export function tlsCredentials(
  options: ServerTlsOptions,
  log: FilesLog,
  intervalMs: number | undefined,
): WatchedCredentials {
  const files = serverTlsFiles(options, log, (material) => credentials.replace(material), intervalMs);
  const credentials = new TlsCredentials(files.value, options.clientCaFile !== undefined);
  return {
    credentials,
    get ca() {
      return files.value.ca ?? "";
    },
    close: () => files.close(),
  };
}
