/**
 * The certificate of a server of ours with its key, and the authority whose clients it lets in, as files that may be
 * rotated. A change is taken over whole or not at all: what is half-written, does not fit or is not valid now leaves
 * the last good one in use.
 */
import type { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { certificateOfPair, certificatesIn } from "./pem.ts";
import { type FilesLog, watchFiles } from "./watched-files.ts";

export interface ServerTlsOptions {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Undefined: clients are asked for no certificate. */
  readonly clientCaFile: string | undefined;
}

export interface ServerTlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

export interface ServerTlsFiles {
  readonly value: ServerTlsMaterial;
  close(): void;
}

interface Pair {
  readonly certificate: X509Certificate;
  readonly material: Pick<ServerTlsMaterial, "cert" | "key">;
}

/** Fails, naming the file and no content, where one cannot be used. `onChange` gets what is to be used from now on. */
export function serverTlsFiles(
  { certificateFile, keyFile, clientCaFile }: ServerTlsOptions,
  log: FilesLog,
  onChange: (material: ServerTlsMaterial) => void,
  intervalMs: number | undefined,
): ServerTlsFiles {
  const interval = intervalMs === undefined ? {} : { intervalMs };
  const change = (part: Partial<ServerTlsMaterial>) => {
    const next = { ...value, ...part };
    checkContext(next);
    onChange(next);
    value = next;
  };
  const pair = watchFiles([certificateFile, keyFile], {
    what: "certificate",
    parse: parsePair,
    log,
    onChange({ certificate, material }) {
      const problem = untimely(certificate);
      if (problem) throw new Error(`certificate ${certificateFile}: ${problem}`);
      change(material);
    },
    ...interval,
  });
  const files: { close(): void }[] = [pair];
  const close = () => {
    for (const file of files) file.close();
  };
  let value: ServerTlsMaterial = pair.value.material;
  try {
    if (clientCaFile !== undefined) {
      const ca = watchFiles([clientCaFile], {
        what: "CA file of clients",
        parse: parseCa,
        log,
        onChange: change,
        ...interval,
      });
      files.push(ca);
      value = { ...value, ...ca.value };
    }
    checkContext(value);
  } catch (error) {
    close();
    throw error;
  }
  // No reason not to start: clients would not come to a service that is down either.
  const problem = untimely(pair.value.certificate);
  if (problem) log.error({ files: [certificateFile] }, `certificate ${certificateFile}: ${problem}`);
  return {
    get value() {
      return value;
    },
    close,
  };
}

function parsePair([cert = "", key = ""]: readonly string[]): Pair {
  return { certificate: certificateOfPair(cert, key), material: { cert, key } };
}

function parseCa([ca = ""]: readonly string[]) {
  certificatesIn(ca, "it");
  return { ca };
}

/** Undefined where the certificate is valid now. */
function untimely({ validFrom, validTo }: X509Certificate): string | undefined {
  const now = Date.now();
  if (now < Date.parse(validFrom)) return `it is not valid before ${validFrom}`;
  if (now > Date.parse(validTo)) return `it has expired, on ${validTo}`;
  return undefined;
}

/** A server that is given what TLS refuses would let nobody in any more. */
function checkContext(material: ServerTlsMaterial): void {
  try {
    createSecureContext({ ...material });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    throw new Error(`TLS cannot use the certificate, its key or the CA file of clients${code}`);
  }
}
