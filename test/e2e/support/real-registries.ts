/**
 * One registry of each way to be read: logins with Basic auth and with tokens, TLS with a private CA, pages with a
 * `Link` and without one. They run for a whole test file, whatever services read them.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { authority } from "../../registry/certificates.ts";
import { manyRepository, manyTags } from "./content.ts";
import { crane, push } from "./crane.ts";
import { startCraneRegistry } from "./crane-registry.ts";
import type { Login } from "./docker-config.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { putTags } from "./manifests.ts";
import { newDirectory } from "./paths.ts";
import { newRegistry, type Registry } from "./registry.ts";
import { startTokenServer, type TokenServer } from "./token-server.ts";

export interface RealRegistries {
  readonly basic: Registry;
  readonly token: Registry;
  readonly tokens: TokenServer;
  readonly tls: Registry;
  /** Of the CA that signed the certificate of `tls`. */
  readonly caFile: string;
  readonly distribution: Registry;
  /** The way to `distribution`. */
  readonly linked: Gateway;
  /** The way to crane's registry. */
  readonly unlinked: Gateway;
  /** Of the one image of the repository of many tags, in both. */
  readonly manyDigests: { readonly linked: string; readonly unlinked: string };
  stop(): Promise<void>;
}

/** The one login of `basic`, with a line of `htpasswd -B` for it. */
export const basicLogin: Login = { user: "puller", password: "pu11-by-basic" };
const htpasswd = "puller:$2y$05$Zk3vQ9sT1mXc7LwB4nRy0uEDI2NlMUTPJJZFEWUAeXDZLLho23iya\n";

/** Those of `token`. The registry takes a token until 60 s after its end. */
export const tokenUsers = {
  puller: { password: "pu11-by-token", may: "pull", lifetime: 300 },
  changing: { password: "pu11-after-change", may: "pull", lifetime: 300 },
  brief: { password: "pu11-in-a-hurry", may: "pull", lifetime: -57 },
  stranger: { password: "pu11-elsewhere", may: "nothing", lifetime: 300 },
} as const;

export async function startRealRegistries(): Promise<RealRegistries> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => void (await Promise.all(started.splice(0).map((each) => each.stop())));
  const run = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const each = await starting;
    started.push(each);
    return each;
  };
  const runRegistry = async (...options: Parameters<typeof newRegistry>) => {
    const registry = await run(newRegistry(...options));
    await registry.start();
    return registry;
  };
  try {
    const seeded = inject("seeded");
    const { storage } = seeded["docker-registry 2.8"];
    const lab = (settings: NodeJS.ProcessEnv) => runRegistry("docker-registry 2.8", storage, settings);
    const tokens = await run(startTokenServer(tokenUsers));
    const { caFile, ...certificate } = certificates();
    const basic = await lab({
      REGISTRY_AUTH: "htpasswd",
      REGISTRY_AUTH_HTPASSWD_REALM: "e2e",
      REGISTRY_AUTH_HTPASSWD_PATH: file("htpasswd", htpasswd),
    });
    const token = await lab(tokens.settings);
    const tls = await lab(certificate);
    const distribution = await runRegistry("distribution 3", seeded["distribution 3"].storage);
    const craneRegistry = await run(startCraneRegistry());
    return {
      ...{ basic, token, tokens, tls, caFile, distribution, stop },
      linked: await run(startGateway(distribution.host)),
      unlinked: await run(startGateway(craneRegistry.host)),
      manyDigests: {
        linked: await crane("digest", `${distribution.host}/${manyRepository}:${manyTags[0]}`),
        unlinked: await fill(craneRegistry.host),
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The repository of many tags, as all have it. Gives its digest. */
async function fill(host: string): Promise<string> {
  const [first = "", ...others] = manyTags;
  await push(`${host}/${manyRepository}:${first}`, "many", "linux/amd64");
  await putTags(host, manyRepository, first, others);
  return crane("digest", `${host}/${manyRepository}:${first}`);
}

function certificates() {
  const ca = authority("a private CA");
  const { cert, key } = ca.issue("registry");
  return {
    caFile: file("ca.pem", ca.cert),
    REGISTRY_HTTP_TLS_CERTIFICATE: file("registry.pem", cert),
    REGISTRY_HTTP_TLS_KEY: file("registry.key", key),
  };
}

function file(name: string, content: string): string {
  const path = join(newDirectory("registries"), name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}
