/**
 * Who may call, and how it is kept from others on the way: certificates and tokens of both ports.
 */
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { ServerCredentials, type ServerInterceptor } from "@grpc/grpc-js";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import type { Config, ServerTlsConfig } from "../config/config.ts";
import { isLoopback } from "../domain/host.ts";
import type { Logger } from "../observability/logger.ts";
import { clientCertificateRequired, invalidToken, readOnlyToken } from "../rpc/errors.ts";
import { bearer } from "../servers/bearer.ts";
import { clientTrust, trustedClients } from "../servers/client-trust.ts";
import { type HttpGuard, httpGuard } from "../servers/http-guard.ts";
import { openHttpTls, type WatchedTls } from "../servers/http-tls.ts";
import type { Observer } from "../servers/observer.ts";
import { reflectionServices } from "../servers/reflection.ts";
import { tlsCredentials } from "../servers/tls-credentials.ts";
import { openTokens } from "../servers/tokens.ts";

export interface Access {
  readonly grpc: {
    readonly credentials: ServerCredentials;
    readonly interceptors: readonly ServerInterceptor[];
  };
  readonly http: { readonly tls: WatchedTls | undefined; readonly guard: HttpGuard };
  close(): void;
}

/** Those that change something. */
const writes = ImageSourceService.methods.filter(({ idempotency }) => idempotency !== Level.NO_SIDE_EFFECTS);
/** Whose callers are asked for a token. */
const asked = [ImageSourceService, ...reflectionServices];
/** Whose callers are probes. */
const free = [Health];

/** Runs what opens files for a key of the configuration; undefined where it fails, which is kept. */
export type Attempt = <T>(key: string, open: () => T) => T | undefined;

export interface AccessOptions {
  /** How often files are looked at. */
  readonly intervalMs?: number | undefined;
  /** Told of calls that are refused. */
  readonly observe?: Observer;
}

export function openAccess(
  { grpc, http }: Pick<Config, "grpc" | "http">,
  log: Logger,
  attempt: Attempt,
  { intervalMs, observe }: AccessOptions = {},
): Access {
  const { tls, tokensFile } = grpc;
  const refusals = { invalidToken, readOnlyToken };
  const grpcTls = tls && attempt("grpc.tls", () => tlsCredentials(tls, log, intervalMs));
  const { tls: ofHttp } = http;
  const httpTls = ofHttp && attempt("http.tls", () => openHttpTls(ofHttp, log, intervalMs));
  const tokens =
    tokensFile === undefined
      ? undefined
      : attempt("grpc.tokensFile", () => openTokens(tokensFile, refusals, log, intervalMs));
  return {
    grpc: {
      credentials: grpcTls?.credentials ?? ServerCredentials.createInsecure(),
      interceptors: [
        ...(grpcTls && tls?.clientCaFile ? trustedClients(clientTrust(() => grpcTls.ca)) : []),
        ...(tokens
          ? [bearer(tokens, { free, writes, ...(observe && { observed: { services: asked, observe } }) })]
          : []),
      ],
    },
    http: {
      tls: httpTls,
      guard: httpGuard({
        tokens,
        trust: httpTls?.asksClients ? clientTrust(() => httpTls.material.ca ?? "") : undefined,
        certificateRequired: clientCertificateRequired,
        free,
        writes,
      }),
    },
    close() {
      for (const file of [grpcTls, httpTls, tokens]) file?.close();
    },
  };
}

/** What the address of a port has, and what it lacks. */
export interface Openness {
  /** Of the port: `grpc`, `http`. */
  readonly key: string;
  readonly address: string;
  readonly tls: ServerTlsConfig | undefined;
  readonly tokensFile: string | undefined;
}

/** Warns of what an address beyond this machine lacks. */
export function warnOfOpenness({ key, address, tls, tokensFile }: Openness, log: Logger): void {
  if (isLoopback(address)) return;
  const asksWho = tokensFile !== undefined || tls?.clientCaFile !== undefined;
  const dangers = [
    ...(asksWho ? [] : ["anyone who reaches this address can call: grpc.tokensFile is missing"]),
    ...(tls ? [] : [`${asksWho ? "tokens and " : ""}answers can be read on the way: ${key}.tls is missing`]),
  ];
  if (dangers.length > 0) log.warn({ address }, dangers.join("; "));
}
