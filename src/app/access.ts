/**
 * Who may call, and how it is kept from others on the way: certificates and tokens of the gRPC port.
 */
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { ServerCredentials, type ServerInterceptor } from "@grpc/grpc-js";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import type { Config } from "../config/config.ts";
import { isLoopback } from "../domain/host.ts";
import type { Logger } from "../observability/logger.ts";
import { invalidToken, readOnlyToken } from "../rpc/errors.ts";
import { bearer } from "../servers/bearer.ts";
import { tlsCredentials } from "../servers/tls-credentials.ts";
import { openTokens } from "../servers/tokens.ts";

export interface Access {
  readonly credentials: ServerCredentials;
  readonly interceptors: readonly ServerInterceptor[];
  close(): void;
}

/** Those that change something. */
const writes = ImageSourceService.methods.filter(({ idempotency }) => idempotency !== Level.NO_SIDE_EFFECTS);

/** Runs what opens files for a key of the configuration; undefined where it fails, which is kept. */
export type Attempt = <T>(key: string, open: () => T) => T | undefined;

/** `intervalMs` is how often files are looked at. */
export function openAccess(
  { tls, tokensFile }: Config["grpc"],
  log: Logger,
  attempt: Attempt,
  intervalMs?: number,
): Access {
  const watched = tls && attempt("grpc.tls", () => tlsCredentials(tls, log, intervalMs));
  const tokens =
    tokensFile === undefined
      ? undefined
      : attempt("grpc.tokensFile", () =>
          openTokens(tokensFile, { invalidToken, readOnlyToken }, log, intervalMs),
        );
  return {
    credentials: watched?.credentials ?? ServerCredentials.createInsecure(),
    interceptors: tokens ? [bearer(tokens, { free: [Health], writes })] : [],
    close() {
      watched?.close();
      tokens?.close();
    },
  };
}

/** Warns of what an address beyond this machine lacks. */
export function warnOfOpenness(address: string, { tls, tokensFile }: Config["grpc"], log: Logger): void {
  if (isLoopback(address)) return;
  const asksWho = tokensFile !== undefined || tls?.clientCaFile !== undefined;
  const dangers = [
    ...(asksWho ? [] : ["anyone who reaches this address can call: grpc.tokensFile is missing"]),
    ...(tls ? [] : [`${asksWho ? "tokens and " : ""}answers can be read on the way: grpc.tls is missing`]),
  ];
  if (dangers.length > 0) log.warn({ address }, dangers.join("; "));
}
