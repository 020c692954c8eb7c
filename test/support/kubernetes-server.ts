/**
 * A server of HTTP on loopback that can be gone for a while, and counts who connects. Knows nothing of Kubernetes.
 */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";

export interface ServerTls {
  /** In PEM form. */
  readonly cert: string;
  readonly key: string;
  /** By which certificates of clients are checked, where they are wanted. */
  readonly clientCa?: string;
}

export class RestartableServer {
  readonly #listener: RequestListener;
  readonly #tls: ServerTls | undefined;
  readonly #sockets = new Set<Socket>();
  #server: Server | TlsServer | undefined;
  #port = 0;
  /** Number of connections that there ever were. */
  opened = 0;
  /** Serial numbers of the certificates that clients have shown. */
  readonly certificates = new Set<string>();

  constructor(listener: RequestListener, tls: ServerTls | undefined) {
    this.#listener = listener;
    this.#tls = tls;
  }

  get origin(): string {
    return `${this.#tls ? "https" : "http"}://127.0.0.1:${this.#port}`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** On the same port every time. */
  async start(): Promise<void> {
    // Idle connections are kept, as the API server does.
    const server = this.#tls
      ? createTlsServer(optionsOf(this.#tls), this.#listener)
      : createServer({ keepAliveTimeout: 0 }, this.#listener);
    server.on("connection", (socket: Socket) => {
      this.opened += 1;
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    server.on("secureConnection", (socket: TLSSocket) => {
      const { serialNumber } = socket.getPeerCertificate();
      if (serialNumber) this.certificates.add(serialNumber);
    });
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

function optionsOf({ cert, key, clientCa }: ServerTls) {
  const clients = clientCa ? { ca: clientCa, requestCert: true, rejectUnauthorized: true } : {};
  return { cert, key, keepAliveTimeout: 0, ...clients };
}
