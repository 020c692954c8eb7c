/**
 * One HTTP exchange with one host: bounded in time and size, its body read whole. Knows nothing of registries, and
 * neither retries nor follows anything.
 */
import { Agent, type buildConnector, type Dispatcher, EnvHttpProxyAgent } from "undici";
import { abortable } from "../async/abortable.ts";
import { DomainError } from "../domain/errors.ts";
import type { TlsMaterial } from "../files/tls-files.ts";
import { isBlockedAddress } from "./addresses.ts";
import { BlockedAddress, guardedConnector } from "./connector.ts";
import { type Answer, describeExchange, type Exchange } from "./exchange.ts";
import { type Headers, header } from "./headers.ts";
import type { Limits } from "./limits.ts";
import { TransportFailure } from "./transport-failure.ts";

export interface TransportOptions {
  /** Whether an origin is one that was configured: it may have any address, and our certificates. */
  readonly trusts: (origin: string) => boolean;
  readonly insecureSkipVerify: boolean;
  readonly tls: () => TlsMaterial;
  readonly proxy: ProxySettings;
  readonly limits: Limits;
  /** Told of every request that has ended; not of those that were given up. */
  readonly ended?: RequestEnded;
}

/** `host` is undefined for one that was not configured; `outcome` is a status, or `failed` where there was no answer. */
export type RequestEnded = (host: string | undefined, outcome: string) => void;

/** As the environment has them; empty: none. */
export interface ProxySettings {
  readonly httpsProxy: string;
  readonly noProxy: string;
}

export class Transport {
  readonly #options: TransportOptions;
  #trusted: Dispatcher;
  #guarded: Dispatcher;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#trusted = trustedDispatcher(options);
    this.#guarded = guardedDispatcher(options);
  }

  /** Fails with a `TransportFailure` when there is no answer, with `registry_limit` when it is too large. */
  async send(exchange: Exchange, signal: AbortSignal): Promise<Answer> {
    const { headersMs, idleMs, errorBytes } = this.#options.limits;
    const { method, origin, path, headers, body, maxBytes } = exchange;
    signal.throwIfAborted();
    try {
      const response = await abortable(
        this.#dispatcher(origin).request({
          method,
          origin,
          path,
          headers: { ...headers, "accept-encoding": "identity", "user-agent": "image-source" },
          body: body ?? null,
          headersTimeout: headersMs,
          bodyTimeout: idleMs,
          // By itself undici closes a connection after a HEAD: a thousand digests were a thousand connections.
          reset: false,
          signal,
        }),
        // Heeded twice: undici does not notice it while it has no connection yet.
        signal,
      );
      const { statusCode: status, headers: answered } = response;
      const success = status < 300;
      const limit = success ? maxBytes : errorBytes;
      const content = await abortable(read(response.body, limit), signal);
      this.#told(origin, `${status}`);
      if (success) check(exchange, answered, content, limit);
      return { exchange, status, headers: answered, body: content ?? Buffer.alloc(0) };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof DomainError) throw error;
      this.#told(origin, "failed");
      throw new TransportFailure(exchange, error);
    }
  }

  /** Uses new certificates from the next request on; those under way end with the old ones. */
  renew(): void {
    const old = [this.#trusted, this.#guarded];
    this.#trusted = trustedDispatcher(this.#options);
    this.#guarded = guardedDispatcher(this.#options);
    for (const dispatcher of old) dispatcher.close().catch(() => {}); // destroyed already: nothing is under way
  }

  async close(): Promise<void> {
    await Promise.all([this.#trusted.destroy(), this.#guarded.destroy()]);
  }

  #told(origin: string, outcome: string): void {
    const { ended, trusts } = this.#options;
    ended?.(trusts(origin) ? new URL(origin).host : undefined, outcome);
  }

  #dispatcher(origin: string): Dispatcher {
    if (this.#options.trusts(origin)) return this.#trusted;
    // Here too, and not only on connecting: a proxy would connect for us.
    const { hostname } = new URL(origin);
    if (isBlockedAddress(hostname)) throw new BlockedAddress(hostname);
    return this.#guarded;
  }
}

/** The whole body; undefined where it is larger than the limit. */
async function read(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function check(exchange: Exchange, headers: Headers, content: Buffer | undefined, limit: number): void {
  const what = `the answer to ${describeExchange(exchange)}`;
  if (content === undefined) throw new DomainError("registry_limit", `${what} is larger than ${limit} bytes`);
  const encoding = header(headers, "content-encoding") ?? "identity";
  // What was not asked for is not unpacked: a digest is of what was packed, and a small body may unpack to any size.
  if (content.length > 0 && encoding.toLowerCase() !== "identity") {
    throw new DomainError("registry_corrupt", `${what} is encoded, though no encoding was asked for`);
  }
}

function trustedDispatcher({ insecureSkipVerify, tls, proxy, limits }: TransportOptions): Dispatcher {
  const secure = { ...tls(), rejectUnauthorized: !insecureSkipVerify };
  return dispatcher({ ...secure, timeout: limits.connectMs }, secure, proxy);
}

function guardedDispatcher({ proxy, limits }: TransportOptions): Dispatcher {
  // A host that the registry has named is a public one, or one with a certificate that everybody can check.
  return dispatcher(guardedConnector({ timeout: limits.connectMs, allowH2: false }), {}, proxy);
}

function dispatcher(
  connect: buildConnector.BuildOptions | buildConnector.connector,
  requestTls: buildConnector.BuildOptions,
  { httpsProxy, noProxy }: ProxySettings,
): Dispatcher {
  // One request a connection: a server that ends an HTTP/2 connection would end every request on it.
  const options = { connect, allowH2: false };
  if (httpsProxy === "") return new Agent(options);
  return new EnvHttpProxyAgent({ ...options, requestTls, httpProxy: "", httpsProxy, noProxy });
}
