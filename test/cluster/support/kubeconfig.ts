/**
 * A file that says how to reach a cluster and as whom. Written as JSON, which is YAML too.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CertificateFiles } from "./certificates.ts";

export interface KubeconfigOptions {
  readonly directory: string;
  readonly url: string;
  /** Path of the certificate of the CA. */
  readonly ca: string;
  readonly user: string;
  readonly client: CertificateFiles | { readonly token: string };
  readonly namespace?: string;
}

/** Gives the path of the file, `USER.kubeconfig`. */
export function writeKubeconfig({ directory, url, ca, user, client, namespace }: KubeconfigOptions): string {
  const path = join(directory, `${user}.kubeconfig`);
  const credentials =
    "token" in client ? client : { "client-certificate": client.certificate, "client-key": client.key };
  const file = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "tests",
    clusters: [{ name: "tests", cluster: { server: url, "certificate-authority": ca } }],
    users: [{ name: user, user: credentials }],
    contexts: [{ name: "tests", context: { cluster: "tests", user, ...(namespace && { namespace }) } }],
  };
  writeFileSync(path, JSON.stringify(file, undefined, 2), { mode: 0o600 });
  return path;
}
