/**
 * The certificates of one cluster, by openssl: a CA, and what it signs. Kubernetes takes who somebody is from the
 * subject: `O` is the group, `CN` the name.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Paths of PEM files. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  readonly certificate: string;
  /** Makes `NAME.crt` and `NAME.key`, for a client and a server alike: the API server's kubelets are both. */
  issue(name: string, subject: string, alternativeNames?: string): Promise<CertificateFiles>;
}

export async function makeAuthority(directory: string): Promise<Authority> {
  const own = await make(join(directory, "ca"), "/CN=cluster-ca", [
    "basicConstraints=critical,CA:TRUE",
    "keyUsage=critical,keyCertSign,cRLSign",
  ]);
  return {
    certificate: own.certificate,
    issue: (name, subject, alternativeNames) =>
      make(
        join(directory, name),
        subject,
        [
          "basicConstraints=critical,CA:FALSE",
          "extendedKeyUsage=clientAuth,serverAuth",
          ...(alternativeNames ? [`subjectAltName=${alternativeNames}`] : []),
        ],
        own,
      ),
  };
}

async function make(
  path: string,
  subject: string,
  extensions: readonly string[],
  issuer?: CertificateFiles,
): Promise<CertificateFiles> {
  const files = { certificate: `${path}.crt`, key: `${path}.key` };
  await run("openssl", [
    ...["req", "-x509", "-nodes", "-days", "30", "-subj", subject],
    ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"], // milliseconds, where RSA takes half a second
    ...["-out", files.certificate, "-keyout", files.key],
    ...extensions.flatMap((extension) => ["-addext", extension]),
    ...(issuer ? ["-CA", issuer.certificate, "-CAkey", issuer.key] : []),
  ]);
  return files;
}
