/**
 * The certificates for one server that we are a client of, as files that may be rotated: the CA its certificate is
 * checked by, and our own certificate with its key.
 */
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
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
  attempt("it holds no certificate in PEM form", () => new X509Certificate(ca));
  return { ca };
}

function parsePair([cert = "", key = ""]: readonly string[]): TlsMaterial {
  const certificate = attempt("the first holds no certificate in PEM form", () => new X509Certificate(cert));
  const privateKey = attempt("the second holds no private key in PEM form", () => createPrivateKey(key));
  // Compared by ourselves: not every runtime does when it loads the two.
  const form = { format: "der", type: "spki" } as const;
  if (!certificate.publicKey.export(form).equals(createPublicKey(privateKey).export(form))) {
    throw new Error("the key does not belong to the certificate");
  }
  return { cert, key };
}

/** What the library says is left out: it may quote what it read. */
function attempt<T>(complaint: string, make: () => T): T {
  try {
    return make();
  } catch {
    throw new Error(complaint);
  }
}
