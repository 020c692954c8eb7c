/**
 * Who may call on the HTTP port: asked of RPCs alone, before Connect sees them, so that nothing a refused caller sends is read.
 */
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import type { ClientTrust } from "./client-trust.ts";
import type { Tokens } from "./tokens.ts";

/** Why a call is refused; undefined: it is not. */
export type HttpGuard = (method: DescMethod, request: IncomingMessage) => ConnectError | undefined;

export interface HttpGuardRules {
  /** Undefined: nobody is asked for one. */
  readonly tokens: Pick<Tokens, "check"> | undefined;
  /** Undefined: nobody is asked for a certificate. */
  readonly trust: ClientTrust | undefined;
  readonly certificateRequired: () => ConnectError;
  /** Their methods need neither token nor certificate. */
  readonly free: readonly DescService[];
  /** Need more than a token that may read. */
  readonly writes: readonly DescMethod[];
}

export function httpGuard({ tokens, trust, certificateRequired, free, writes }: HttpGuardRules): HttpGuard {
  const freeServices = new Set(free);
  const writing = new Set(writes);
  return (method, { socket, headersDistinct }) => {
    if (freeServices.has(method.parent)) return undefined;
    if (trust && !(socket instanceof TLSSocket && trust(socket))) return certificateRequired();
    const [authorization, ...others] = headersDistinct.authorization ?? [];
    // Two of them: none counts.
    return tokens?.check(others.length === 0 ? authorization : "", writing.has(method));
  };
}
