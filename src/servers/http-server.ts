/**
 * The HTTP port: the RPCs by Connect and gRPC-Web, and the pages for operators.
 */
import type { ServerOptions } from "node:http";
import type { RpcHandler } from "./connect-adapter.ts";
import { corsHandler } from "./cors.ts";
import { type HttpListener, listenHttp } from "./http-listener.ts";
import type { WatchedTls } from "./http-tls.ts";
import { type OpsHandler, sendNoPage } from "./ops-server.ts";

export interface HttpServerOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly address: string;
  /** Undefined: plaintext. */
  readonly tls?: WatchedTls | undefined;
  /** Web pages of these origins may call. */
  readonly allowedOrigins: readonly string[];
  readonly ops: OpsHandler;
  readonly rpc: RpcHandler;
  readonly failed: (error: Error) => void;
}

const limits: ServerOptions = {
  maxHeaderSize: 64 * 1024, // a GET has its message in the first line
  headersTimeout: 10_000,
  requestTimeout: 120_000, // a node cache may have 64 MiB
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 90_000,
  keepAlive: true, // a call may wait for minutes; who has gone without a word is noticed all the same
};

/** Fails where the address cannot be listened on. */
export function startHttpServer({
  address,
  tls,
  allowedOrigins,
  ops,
  rpc,
  failed,
}: HttpServerOptions): Promise<HttpListener> {
  const cors = corsHandler(allowedOrigins);
  return listenHttp({ address, tls, limits, failed }, (request, response) => {
    if (ops(request, response) || cors(request, response) || rpc(request, response)) return;
    sendNoPage(request, response);
  });
}
