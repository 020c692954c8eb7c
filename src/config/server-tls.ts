/**
 * The certificates of a port that listens, as a configuration writes them.
 */
import * as v from "valibot";
import type { ServerTlsConfig } from "./config.ts";
import * as value from "./values.ts";

export const serverTls = value.keys({
  certificateFile: value.file,
  keyFile: value.file,
  clientCaFile: v.optional(value.file),
});

/** `atPath` makes a path absolute. */
export function serverTlsOf(
  { certificateFile, keyFile, clientCaFile }: v.InferOutput<typeof serverTls>,
  atPath: (path: string) => string,
): ServerTlsConfig {
  return {
    certificateFile: atPath(certificateFile),
    keyFile: atPath(keyFile),
    clientCaFile: clientCaFile === undefined ? undefined : atPath(clientCaFile),
  };
}
