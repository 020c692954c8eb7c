/**
 * The account that the prepuller works as, made by the very manifest that its documentation gives to an operator. Its
 * rights are all that the tests have, so that a right that is missing there is found.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { root } from "../../e2e/support/paths.ts";
import type { Api, Json } from "./api.ts";
import { writeKubeconfig } from "./kubeconfig.ts";

export interface Account {
  readonly namespace: string;
  readonly name: string;
  readonly token: string;
  /** Path of the file. */
  readonly kubeconfig: string;
}

export interface AccountOptions {
  /** Where to put the kubeconfig file. */
  readonly directory: string;
  readonly url: string;
  /** Path of the certificate of the CA. */
  readonly ca: string;
}

export async function makePrepullerAccount(admin: Api, options: AccountOptions): Promise<Account> {
  const objects = await applyManifest(admin, "rbac.yaml");
  const { name, namespace } = objects.find(({ kind }) => kind === "ServiceAccount").metadata;
  const { status } = await admin.create(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    spec: { expirationSeconds: 24 * 3600 },
  });
  const client = { token: String(status.token) };
  const kubeconfig = writeKubeconfig({ ...options, user: name, client, namespace });
  return { namespace, name, ...client, kubeconfig };
}

/** Applies a file of `deploy/prepuller/`, and gives what is in it. */
export async function applyManifest(admin: Api, file: string): Promise<Json[]> {
  const objects = objectsOf(file);
  for (const object of objects) await admin.apply(pathOf(object), object);
  return objects;
}

/** Removes what `applyManifest` has made. */
export async function removeManifest(admin: Api, file: string): Promise<void> {
  for (const object of objectsOf(file).reverse()) await admin.remove(pathOf(object));
}

const objectsOf = (file: string): Json[] =>
  parseAllDocuments(readFileSync(join(root, "deploy/prepuller", file), "utf8")).map((document) =>
    document.toJSON(),
  );

function pathOf({ apiVersion, kind, metadata: { name, namespace } }: Json): string {
  const group = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  return `${group}${namespace ? `/namespaces/${namespace}` : ""}/${kind.toLowerCase()}s/${name}`;
}
