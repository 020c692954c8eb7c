/**
 * The reader of any registry that speaks Docker's or OCI's API, version 2: one repository's tags, and the digest of
 * one of them. Builds the parts; what they do is in their files.
 */
import { type Clock, systemClock } from "../async/clock.ts";
import { Limiter } from "../async/limiter.ts";
import { canonicalRepository } from "../domain/reference.ts";
import { type TlsFilesOptions, tlsFiles } from "../files/tls-files.ts";
import { asker } from "./ask.ts";
import { Authenticator } from "./authenticator.ts";
import { credentialsFile } from "./credentials-file.ts";
import { Hosts } from "./host-state.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { type ListedPage, type ListingBudget, listTags } from "./listing.ts";
import type { RegistryLog } from "./log.ts";
import { manifestDigest } from "./manifest-digest.ts";
import { isAuthHost } from "./realm.ts";
import { registryClient } from "./registry-client.ts";
import { Secrets } from "./secrets.ts";
import { type ProxySettings, type RequestEnded, Transport } from "./transport.ts";
import { WirePath } from "./wire-path.ts";

export interface DockerReaderOptions extends TlsFilesOptions {
  /** `host` or `host:port`, as configured. */
  readonly registry: string;
  readonly repository: string;
  readonly scheme: "https" | "http";
  /** In the format of Docker's config.json; undefined: anonymous. */
  readonly credentialsFile: string | undefined;
  /** Hosts, besides the registry's own, whose token endpoint may get its credentials. */
  readonly authHosts: readonly string[];
  /** Of the registry and of `authHosts`; no other host is taken at its word. */
  readonly insecureSkipVerify: boolean;
  /** Requests at once. */
  readonly maxRequests: number;
  readonly budget: ListingBudget;
}

/** What differs in tests, and who is told of requests. */
export interface DockerReaderSettings {
  readonly limits?: Partial<Limits>;
  readonly clock?: Clock;
  readonly hosts?: Hosts;
  readonly proxy?: ProxySettings;
  readonly filesIntervalMs?: number;
  readonly requestEnded?: RequestEnded;
}

export interface DockerReader {
  list(signal: AbortSignal): AsyncIterable<ListedPage>;
  resolve(tag: string, signal: AbortSignal): Promise<string>;
  /** Ends what is under way and releases files and connections. */
  close(): Promise<void>;
}

/** Of all readers of this process: two sources of one registry leave it alone together. */
const sharedHosts = new Hosts();

/** Fails, naming the file, where a configured file is missing or broken. */
export function dockerReader(
  options: DockerReaderOptions,
  log: RegistryLog,
  settings: DockerReaderSettings = {},
): DockerReader {
  const { clock = systemClock, hosts = sharedHosts, proxy = environmentProxy(), filesIntervalMs } = settings;
  const limits = { ...defaultLimits, ...settings.limits };
  const repository = canonicalRepository(options);
  const origin = wireOrigin(options.scheme, options.registry, repository.registry);
  const secrets = new Secrets();
  const credentials = credentialsFile(options.credentialsFile, repository, log, filesIntervalMs);
  const tls = tlsFiles(options, log, () => transport.renew(), filesIntervalMs);
  const transport: Transport = new Transport({
    trusts: (other) => other === origin || isAuthHost(new URL(other), options.authHosts),
    insecureSkipVerify: options.insecureSkipVerify,
    tls: () => tls.value,
    proxy,
    limits,
    ...(settings.requestEnded && { ended: settings.requestEnded }),
  });
  const ask = asker({ transport, clock, limits, secrets });
  const host = hosts.of(origin);
  const authenticator = new Authenticator({
    repository,
    realmPolicy: { origin, authHosts: options.authHosts },
    credentials,
    ask,
    host: (other) => hosts.of(other),
    clock,
    limits,
    secrets,
  });
  const limiter = new Limiter(options.maxRequests);
  const client = registryClient({ origin, host, ask, authenticator, limiter, limits, clock, secrets, log });
  const path = new WirePath(repository.repository);
  const wire = { client, host, origin, path, limits, secrets, log };
  return {
    list: (signal) => listTags({ ...wire, budget: options.budget }, signal),
    resolve: (tag, signal) => manifestDigest(tag, wire, signal),
    async close() {
      tls.close();
      credentials.close();
      await transport.close();
    },
  };
}

/** Docker Hub is called by a name that its registry does not have. */
function wireOrigin(scheme: string, configured: string, canonical: string): string {
  return new URL(`${scheme}://${canonical === "docker.io" ? "registry-1.docker.io" : configured}`).origin;
}

function environmentProxy(): ProxySettings {
  const { HTTPS_PROXY, https_proxy = HTTPS_PROXY, NO_PROXY, no_proxy = NO_PROXY } = process.env;
  // Its value is not told: it may hold a password.
  if (https_proxy && !URL.canParse(https_proxy))
    throw new Error("the environment variable HTTPS_PROXY is no URL");
  return { httpsProxy: https_proxy ?? "", noProxy: no_proxy ?? "" };
}
