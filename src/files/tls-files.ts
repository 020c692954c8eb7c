/**
 * The certificates for one server that we are a client of, as files that may be rotated: the CA its certificate is
 * checked by, and our own certificate with its key.
 */
import { certificateOfPair, certificatesIn } from "./pem.ts";
import { type FilesLog, watchFiles } from "./watched-files.ts";

export interface TlsFilesOptions {
  readonly caFile: string | undefined;
  readonly clientCertificate: { readonly certificateFile: string; readonly keyFile: string } | undefined;
}

export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface TlsFiles {
  readonly value: TlsMaterial;
  close(): void;
}

/** Reads what is configured, and calls `onChange` when any of it has changed. */
export function tlsFiles(
  options: TlsFilesOptions,
  log: FilesLog,
  onChange: () => void,
  intervalMs: number | undefined,
): TlsFiles {
  const { caFile, clientCertificate: own } = options;
  const interval = intervalMs === undefined ? {} : { intervalMs };
  let value: TlsMaterial = {};
  const change = (part: TlsMaterial) => {
    value = { ...value, ...part };
    onChange();
  };
  const files = [
    ...(caFile === undefined
      ? []
      : [watchFiles([caFile], { what: "CA file", parse: parseCa, log, onChange: change, ...interval })]),
    ...(own === undefined
      ? []
      : [
          watchFiles([own.certificateFile, own.keyFile], {
            what: "client certificate",
            parse: parsePair,
            log,
            onChange: change,
            ...interval,
          }),
        ]),
  ];
  for (const file of files) value = { ...value, ...file.value };
  return {
    get value() {
      return value;
    },
    close() {
      for (const file of files) file.close();
    },
  };
}

function parseCa([ca = ""]: readonly string[]): TlsMaterial {
  certificatesIn(ca, "it");
  return { ca };
}

function parsePair([cert = "", key = ""]: readonly string[]): TlsMaterial {
  certificateOfPair(cert, key);
  return { cert, key };
}
