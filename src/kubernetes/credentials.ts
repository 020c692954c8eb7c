/**
 * Who we are to the API server, from one request to the next: headers, and the connections on which our certificate is
 * shown. Tokens, certificates and the answers of login programs are read again as client-node does it.
 *
 * client-node makes new connections for every request; here one set of them is kept for as long as what TLS is told
 * stays the same.
 */
import { createHash } from "node:crypto";
import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { Agent, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from "undici";
import type { Clock } from "../async/clock.ts";
import { withDeadline } from "../async/deadline.ts";

/** What a request needs besides itself. */
export interface Access {
  /** `https://host:port`, and the path below which the API is: empty, or `/k8s/clusters/c1`. */
  readonly origin: string;
  readonly basePath: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
  /** How often everything had been read anew. */
  readonly renewal: number;
}

// Long enough that a burst of requests reads no files, short enough that a new certificate is used at once.
const freshMs = 5_000;
/** A login program may have to ask somebody else. */
const loginMs = 60_000;
/** As client-node has it: shorter than load balancers keep what is idle. */
const keepAlive = { keepAlive: true, keepAliveInitialDelay: 30_000 };
const connectMs = 10_000;
const agentOptions = {
  // A server that ends such a connection ends every request on it, the watches too.
  allowH2: false,
  // Longer than from one renewal of the lease to the next: each handshake costs the API server more than the request.
  keepAliveTimeout: 30_000,
} as const;

interface Connections {
  readonly key: string;
  readonly dispatcher: Dispatcher;
}

export class Credentials {
  readonly #load: () => Promise<KubeConfig>;
  readonly #clock: Clock;
  #config: KubeConfig;
  #connections: Connections | undefined;
  #current: { readonly promise: Promise<Access>; readonly since: number } | undefined;
  #renewal = 0;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #mustLoad = false;

  constructor(config: KubeConfig, load: () => Promise<KubeConfig>, clock: Clock) {
    this.#config = config;
    this.#load = load;
    this.#clock = clock;
  }

  /** Fails with an error that tells no secret. */
  async access(): Promise<Access> {
    const now = this.#clock.now();
    if (!this.#current || Math.abs(now - this.#current.since) >= freshMs) {
      const current = { promise: this.#login(), since: now };
      this.#current = current;
      current.promise.catch(() => {
        if (this.#current === current) this.#current = undefined;
      });
    }
    return await this.#current.promise;
  }

  /**
   * After a no to who we were: has everything read anew, the kubeconfig too. False: that was done a moment ago, and what
   * was used is the outcome.
   */
  renew({ renewal }: Access): boolean {
    if (renewal < this.#renewal) return true;
    const now = this.#clock.now();
    if (Math.abs(now - this.#renewedAt) < freshMs) return false;
    this.#renewedAt = now;
    this.#renewal += 1;
    this.#mustLoad = true;
    this.#current = undefined;
    return true;
  }

  async close(): Promise<void> {
    await this.#connections?.dispatcher.destroy();
  }

  /** What many wait for at once, so that what is said of a failure is the same for all. */
  async #login(): Promise<Access> {
    const late = () => new Error("it took too long");
    try {
      return await withDeadline(loginMs, late, () => this.#read(), unending);
    } catch (error) {
      throw new Error(`cannot log in to the cluster: ${complaint(error)}`);
    }
  }

  async #read(): Promise<Access> {
    const renewal = this.#renewal;
    if (this.#mustLoad) {
      this.#config = await this.#load();
      this.#mustLoad = false;
    }
    const config = this.#config;
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new Error("the kubeconfig names no cluster");
    const { origin, pathname } = new URL(cluster.server);
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const dispatcher = this.#dispatcher(cluster, options);
    const basePath = pathname.replace(/\/$/, "");
    return { origin, basePath, headers: headersOf(options), dispatcher, renewal };
  }

  #dispatcher(cluster: Cluster, options: RequestOptions): Dispatcher {
    const tls = tlsOf(options);
    const key = keyOf([cluster.server, cluster.proxyUrl, tls]);
    if (this.#connections?.key === key) return this.#connections.dispatcher;
    const old = this.#connections;
    this.#connections = { key, dispatcher: dispatcherFor(cluster, tls) };
    // What is under way ends on the old ones; a watch does so after minutes.
    old?.dispatcher.close().catch(() => {}); // closed already
    return this.#connections.dispatcher;
  }
}

type Cluster = NonNullable<ReturnType<KubeConfig["getCurrentCluster"]>>;

interface Tls {
  readonly [name: string]: string | boolean;
}

function tlsOf(options: RequestOptions): Tls {
  const texts = (["ca", "cert", "key", "passphrase", "servername"] as const).flatMap((name) => {
    const value = options[name];
    return value === undefined || value === null ? [] : [[name, String(value)] as const];
  });
  const { rejectUnauthorized: verify } = options;
  return { ...Object.fromEntries(texts), ...(verify === undefined ? {} : { rejectUnauthorized: verify }) };
}

function dispatcherFor({ proxyUrl }: Cluster, tls: Tls): Dispatcher {
  const requestTls = { ...tls, timeout: connectMs };
  if (!proxyUrl) return new Agent({ ...agentOptions, connect: { ...requestTls, ...keepAlive } });
  // Not client-node's own: a name of a server that is an address ends the process there.
  if (proxyUrl.startsWith("socks")) return new Socks5ProxyAgent(proxyUrl, { ...agentOptions, requestTls });
  return new ProxyAgent({ ...agentOptions, uri: proxyUrl, requestTls });
}

function headersOf({ headers, auth }: RequestOptions): Record<string, string> {
  const given = Object.entries({ ...(headers as Record<string, unknown> | undefined) });
  const found: [string, string][] = given.map(([name, value]) => [name.toLowerCase(), String(value).trim()]);
  if (auth) found.push(["authorization", `Basic ${Buffer.from(String(auth)).toString("base64")}`]);
  return Object.fromEntries(found);
}

function keyOf(parts: unknown): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** What a parser says may quote what it read, a token for example. */
function complaint(error: unknown): string {
  if (error instanceof SyntaxError) return "what the login program says is no JSON";
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s+/g, " ").trim().slice(0, 300);
}

const unending = new AbortController().signal;
