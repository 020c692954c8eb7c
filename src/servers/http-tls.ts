/**
 * The TLS of the HTTP port, whose certificates can be replaced while it listens. New connections get the new ones;
 * those that are open stay.
 *
 * Nobody is turned away here for want of a client certificate: probes have none. Who needs one, asks the connection.
 */
import { type ServerTlsMaterial, type ServerTlsOptions, serverTlsFiles } from "../files/server-tls-files.ts";
import type { FilesLog } from "../files/watched-files.ts";

export interface WatchedTls {
  readonly material: ServerTlsMaterial;
  readonly asksClients: boolean;
  /** Told of what is to be used from now on. */
  follow(replace: (material: ServerTlsMaterial) => void): void;
  close(): void;
}

/** Fails, naming the file and no content, where one cannot be used. */
export function openHttpTls(
  options: ServerTlsOptions,
  log: FilesLog,
  intervalMs: number | undefined,
): WatchedTls {
  let replace = (_: ServerTlsMaterial) => {};
  const files = serverTlsFiles(options, log, (material) => replace(material), intervalMs);
  return {
    get material() {
      return files.value;
    },
    asksClients: options.clientCaFile !== undefined,
    follow(next) {
      replace = next;
    },
    close: () => files.close(),
  };
}
