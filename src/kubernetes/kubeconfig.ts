/**
 * Where the cluster is and who we are there, as client-node reads it: from a kubeconfig, or from what a cluster gives to
 * its pods. Asks nobody anything.
 *
 * client-node is loaded only here and only when it is needed: that takes 0.3 s and 60 MB, of which the service, which
 * needs no cluster, shall have nothing.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { tokenFilesOf } from "./token-files.ts";

const tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** Where something is looked for, so that a test can name other places. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly isInCluster: () => boolean;
}

export const surroundings: Surroundings = {
  env: process.env,
  get home() {
    return homedir(); // asked for only where it is needed: the service needs no right to it on Deno
  },
  isInCluster: () => process.env.KUBERNETES_SERVICE_HOST !== undefined && existsSync(tokenFile),
};

/**
 * Reads the file of that path; where none is named, takes the cluster that we run in, then the files of `KUBECONFIG`,
 * then `~/.kube/config`. Fails with an error that names the file and what is wrong with it.
 */
export async function loadKubeconfig(
  path: string | undefined,
  where: Surroundings = surroundings,
): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const load = (file: string) => loaded(new KubeConfig(), file);
  if (path !== undefined) return checked(load(path), path);
  if (where.isInCluster()) {
    const config = new KubeConfig();
    config.loadFromCluster();
    return config;
  }
  const files = usualFiles(where).filter((file) => existsSync(file));
  const names = files.join(", ");
  const [first, ...more] = files;
  if (first === undefined)
    throw new Error(
      "there is no kubeconfig: none is configured, none is in the usual places, and no cluster is around",
    );
  return checked(
    more.reduce((config, file) => merge(config, load(file)), load(first)),
    names,
  );
}

function usualFiles({ env, home }: Surroundings): string[] {
  const named = (env.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
  return named.length > 0 ? named : [join(home, ".kube", "config")];
}

function loaded(config: KubeConfig, file: string): KubeConfig {
  try {
    config.loadFromFile(file);
    // What the library does not know: the token in a file of its own, by the name that Kubernetes gives it.
    for (const [name, tokenFile] of tokenFilesOf(file)) {
      const path = isAbsolute(tokenFile) ? tokenFile : join(dirname(file), tokenFile);
      config.users = config.users.map((user) => (user.name === name ? withTokenFile(user, path) : user));
    }
  } catch (error) {
    throw new Error(`kubeconfig ${file}: ${complaint(error)}`);
  }
  return config;
}

type User = KubeConfig["users"][number];

function withTokenFile({ token: _, ...user }: User, tokenFile: string): User {
  return { ...user, authProvider: { name: "tokenFile", config: { tokenFile } } };
}

/** As kubectl merges them: what is there already stays. The library refuses what is there twice. */
function merge(config: KubeConfig, other: KubeConfig): KubeConfig {
  const isNew = (known: readonly { name: string }[]) => (one: { name: string }) =>
    known.every(({ name }) => name !== one.name);
  config.clusters = [...config.clusters, ...other.clusters.filter(isNew(config.clusters))];
  config.users = [...config.users, ...other.users.filter(isNew(config.users))];
  config.contexts = [...config.contexts, ...other.contexts.filter(isNew(config.contexts))];
  config.currentContext ??= other.currentContext;
  return config;
}

function checked(config: KubeConfig, names: string): KubeConfig {
  const refuse = (why: string) => new Error(`kubeconfig ${names}: ${why}`);
  const name = config.getCurrentContext() as string | undefined;
  if (!name) throw refuse("it has no current context");
  const context = config.getContextObject(name);
  if (!context) throw refuse(`its current context "${name}" is not in it`);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw refuse(`context "${name}" names cluster "${context.cluster}", which is not in it`);
  if (!config.getCurrentUser())
    throw refuse(`context "${name}" names user "${context.user}", which is not in it`);
  if (!URL.canParse(cluster.server)) throw refuse(`the server of cluster "${cluster.name}" is no URL`);
  if (!cluster.server.startsWith("https:") && !cluster.skipTLSVerify)
    throw refuse(
      `the server of cluster "${cluster.name}" is no https, and insecure-skip-tls-verify is not set`,
    );
  if (cluster.proxyUrl && !/^(https?|socks5):\/\//.test(cluster.proxyUrl))
    throw refuse(`the proxy of cluster "${cluster.name}" is none of http, https or socks5`);
  return config;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read",
  EISDIR: "it is a directory",
};

/** What is wrong, without what was read: that may hold a secret. */
function complaint(error: unknown): string {
  if (!(error instanceof Error)) return "it cannot be read";
  if ("code" in error && typeof error.code === "string") {
    const other = "path" in error && typeof error.path === "string" ? ` (${error.path})` : "";
    return `${reasons[error.code] ?? `it cannot be read (${error.code})`}${other}`;
  }
  // The parser of YAML quotes the lines around the error in its message, but not in its reason.
  if ("reason" in error && typeof error.reason === "string") {
    const line = "mark" in error ? ((error.mark as { line?: number } | null)?.line ?? -1) + 1 : 0;
    return `it is no YAML${line > 0 ? `, line ${line}` : ""}: ${error.reason}`;
  }
  // The library's own: `clusters[0].name is missing`.
  if (/^(clusters|users|contexts)\[\d+\]\.[\w.-]+ is missing$/.test(error.message)) return error.message;
  return "it is no kubeconfig";
}
