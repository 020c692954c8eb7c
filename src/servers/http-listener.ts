/**
 * A socket for HTTP, with TLS or without: where it listens, whom it keeps away, and how it ends. What is answered is up to who opens it.
 */
import { createServer, type RequestListener, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { WatchedTls } from "./http-tls.ts";

export interface HttpListenerOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly address: string;
  /** Undefined: plaintext. */
  readonly tls?: WatchedTls | undefined;
  /** Against callers who are slow or send without an end. */
  readonly limits: Readonly<ServerOptions>;
  /** At once; more are sent away. Undefined: as many as come. */
  readonly maxConnections?: number;
  /** After so many milliseconds without a byte a connection is ended; undefined: never. */
  readonly silenceMs?: number;
  /** Told of what happens to the socket later on. */
  readonly failed: (error: Error) => void;
}

export interface HttpListener {
  /** Where it listens: `host:port`. */
  readonly address: string;
  /** Takes no new calls and ends when those under way have ended, at the latest after some milliseconds. */
  drain(graceMs: number): Promise<void>;
}

/** Of a client that begins TLS and goes silent. */
const handshakeTimeout = 10_000;

/** How often connections are looked for that have become idle meanwhile. */
const lookMs = 50;

/** Fails where the address cannot be listened on. */
export async function listenHttp(
  options: HttpListenerOptions,
  answer: RequestListener,
): Promise<HttpListener> {
  const { address, tls, limits, maxConnections, silenceMs, failed } = options;
  const server = tls ? tlsServer(tls, limits, answer) : createServer(limits, answer);
  if (maxConnections !== undefined) server.maxConnections = maxConnections;
  server.timeout = silenceMs ?? 0;
  const port = await new Promise<number>((resolve, reject) => {
    const colon = address.lastIndexOf(":");
    const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
    const fail = (error: Error) =>
      reject(new Error(`cannot listen on ${address}: ${error.message}`, { cause: error }));
    server.once("error", fail);
    server.listen(Number(address.slice(colon + 1)), host, () => {
      server.off("error", fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
  server.on("error", failed);
  return {
    address: address.replace(/:\d+$/, `:${port}`),
    async drain(graceMs) {
      const forced = setTimeout(() => server.closeAllConnections(), graceMs);
      const looking = setInterval(() => server.closeIdleConnections(), lookMs);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      clearInterval(looking);
      clearTimeout(forced);
    },
  };
}

function tlsServer(tls: WatchedTls, limits: Readonly<ServerOptions>, answer: RequestListener) {
  const asked = { requestCert: tls.asksClients, rejectUnauthorized: false, handshakeTimeout };
  const server = createTlsServer({ ...limits, ...tls.material, ...asked }, answer);
  tls.follow((material) => server.setSecureContext({ ...material }));
  return server;
}
