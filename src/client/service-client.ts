/**
 * The way to the service for our own programs: the generated client over gRPC, with certificates and a token that may be
 * rotated, deadlines, and retries of what an ended connection has lost. Its errors are Connect's; what they say is read
 * by `failures.ts`.
 */
import { type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { Http2Connection, type Http2ConnectionOptions } from "../async/http2-connection.ts";
import { tlsFiles } from "../files/tls-files.ts";
import type { FilesLog } from "../files/watched-files.ts";
import { bearerToken } from "./bearer-token.ts";
import { type DeadlineOf, defaultDeadlines, withDeadlines } from "./deadlines.ts";
import { unavailableWay } from "./failures.ts";
import { type RetryLog, retry } from "./retry.ts";

export interface ServiceClientOptions {
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
  readonly tokenFile: string | undefined;
  readonly caFile: string | undefined;
  readonly clientCertificate: { readonly certificateFile: string; readonly keyFile: string } | undefined;
}

export interface ServiceClientLog extends FilesLog, RetryLog {}

/** What differs in tests. */
export interface ServiceClientSettings extends Http2ConnectionOptions {
  readonly deadlineOf?: DeadlineOf;
  /** How often files are looked at. */
  readonly intervalMs?: number;
}

export interface ServiceClient {
  readonly rpc: Client<typeof ImageSourceService>;
  /** Ends what is under way; nothing can be asked any more. */
  close(): void;
}

/** Wanted images times the names of 20,000 nodes, several times over. */
const readMaxBytes = 256 * 1024 * 1024;

/** Connects when it is first asked. Fails, naming the file and not its content, where one cannot be used. */
export function openServiceClient(
  options: ServiceClientOptions,
  log: ServiceClientLog,
  settings: ServiceClientSettings = {},
): ServiceClient {
  const { url, tokenFile } = options;
  const { deadlineOf = defaultDeadlines, intervalMs, ...connectionOptions } = settings;
  const tls = tlsFiles(options, log, () => connection.renew(), intervalMs);
  const connection = new Http2Connection(url, { sessionOptions: () => tls.value, ...connectionOptions });
  const token = tokenFile === undefined ? undefined : bearerToken(tokenFile, log, intervalMs);
  const transport = createGrpcTransport({
    baseUrl: url,
    sessionManager: connection,
    readMaxBytes,
    // From the outermost to the one next to the wire.
    interceptors: [
      renewSilent(connection),
      retry(log),
      ...(token ? [token.interceptor] : []),
      unavailableWay,
    ],
  });
  return {
    rpc: createClient(ImageSourceService, withDeadlines(transport, deadlineOf)),
    close() {
      tls.close();
      token?.close();
      connection.close();
    },
  };
}

/** After a call that was not answered in time: a dead connection can take a quarter of an hour to show. */
function renewSilent(connection: Http2Connection): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      const { code, metadata } = ConnectError.from(error);
      if (code === Code.DeadlineExceeded && !metadata.has("grpc-status")) connection.renew();
      throw error;
    }
  };
}
