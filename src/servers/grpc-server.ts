/**
 * The gRPC port: a server of grpc-js that listens, and ends without losing a call.
 */
import {
  logVerbosity,
  Server,
  ServerCredentials,
  type ServerInterceptor,
  setLogVerbosity,
} from "@grpc/grpc-js";

setLogVerbosity(logVerbosity.NONE); // what goes wrong is told by errors, and logged once

export interface GrpcServerOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly address: string;
  /** Calls at once per connection; clients queue beyond. */
  readonly maxConcurrentStreams: number;
  /** The largest request of any method, in bytes. */
  readonly maxRequestBytes: number;
  /** Without TLS where there are none. */
  readonly credentials?: ServerCredentials;
  /** The first one is next to the wire. */
  readonly interceptors?: readonly ServerInterceptor[];
  /** When a silent peer is asked whether it is there, and how long it has to answer. */
  readonly keepAlive?: { readonly everyMs: number; readonly answerMs: number };
}

const defaultKeepAlive = { everyMs: 120_000, answerMs: 20_000 };

export interface GrpcServer {
  /** Where it listens: `host:port`. */
  readonly address: string;
  /** Takes no new calls and ends when those under way have ended, at the latest after some milliseconds. */
  drain(graceMs: number): Promise<void>;
}

/** grpc-js refuses without details; what is a little too large is left to the adapter, which says more. */
const margin = 64 * 1024;

/** `mount` adds the services. Fails where the address cannot be listened on. */
export async function startGrpcServer(
  options: GrpcServerOptions,
  mount: (server: Server) => void,
): Promise<GrpcServer> {
  const { address, maxConcurrentStreams, maxRequestBytes, interceptors = [] } = options;
  const { credentials = ServerCredentials.createInsecure(), keepAlive = defaultKeepAlive } = options;
  const server = new Server({
    "grpc.max_concurrent_streams": maxConcurrentStreams,
    "grpc.max_receive_message_length": maxRequestBytes + margin,
    "grpc.max_send_message_length": -1, // clients know what they take
    // Who has gone without a word is found, and the connection given back.
    "grpc.keepalive_time_ms": keepAlive.everyMs,
    "grpc.keepalive_timeout_ms": keepAlive.answerMs,
    interceptors: [...interceptors],
  });
  mount(server);
  const port = await bind(server, address, credentials);
  return {
    address: address.replace(/:\d+$/, `:${port}`),
    drain: (graceMs) => shutDown(server, address, graceMs),
  };
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error) reject(new Error(`cannot listen on ${address}: ${causeOf(error)}`, { cause: error }));
      else resolve(port);
    });
  });
}

/** grpc-js says first how many addresses it tried; the system's own words stand in brackets. */
function causeOf({ message }: Error): string {
  return /\[(.*)\]/s.exec(message)?.[1] ?? message;
}

async function shutDown(server: Server, address: string, graceMs: number): Promise<void> {
  // Before tryShutdown, after which it does nothing. grpc-js cannot drain a port that it chose itself.
  if (!address.endsWith(":0")) server.drain(address, graceMs);
  const forced = setTimeout(() => server.forceShutdown(), graceMs);
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  clearTimeout(forced);
}
