/**
 * TLS sessions that are taken up again, where clients have to show a certificate, on Deno. Deno 2.9.3 takes up any session
 * of the process, that of another port too, and calls its client authorized, whatever it has shown, and whichever
 * authorities were replaced since. No option of node:tls ends that, so such a client is turned away: it has to begin a
 * session of its own.
 */
import process from "node:process";
import type { TLSSocket } from "node:tls";
import { ResponderBuilder, ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { baseCallOf } from "./base-call.ts";

const isDeno = "deno" in process.versions;

/** Whether nothing can be believed of who stands behind it. */
export function isTakenUpAgain(socket: Pick<TLSSocket, "isSessionReused">): boolean {
  return isDeno && socket.isSessionReused();
}

/** For the gRPC port: cuts such connections off before anything of a call is read. */
export const freshSessions: readonly ServerInterceptor[] = isDeno ? [cutOff] : [];

function cutOff(...[, call]: Parameters<ServerInterceptor>): ServerInterceptingCall {
  const session = baseCallOf(call)?.stream.session;
  const socket = session?.socket as TLSSocket | undefined;
  if (socket && !isTakenUpAgain(socket)) return new ServerInterceptingCall(call);
  session?.destroy();
  return new ServerInterceptingCall(call, new ResponderBuilder().withStart(() => {}).build());
}
