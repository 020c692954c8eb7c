/**
 * Whether the client of a TLS connection has shown a certificate of an authority that is trusted now.
 *
 * Node says so. Deno 2.9.3 says so only of a session that is new: it takes up any session of the process, that of another
 * port too, and calls its client authorized, whatever it has shown and whichever authorities were replaced since; no
 * option of node:tls ends that. There the certificate is looked at here.
 */
import { X509Certificate } from "node:crypto";
import process from "node:process";
import type { TLSSocket } from "node:tls";
import { ResponderBuilder, ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { certificatesIn } from "../files/pem.ts";
import { baseCallOf } from "./base-call.ts";

const isDeno = "deno" in process.versions;

/** Of a connection of a port that asks for certificates. */
export type ClientTrust = (socket: TLSSocket) => boolean;

/** `authorities` gives the certificates that are trusted now, in PEM form. */
export function clientTrust(authorities: () => string): ClientTrust {
  /** What was found of a connection stays: connections that are open stay. */
  const found = new WeakMap<TLSSocket, boolean>();
  return (socket) => {
    if (!isDeno || !socket.isSessionReused()) return socket.authorized;
    const known = found.get(socket) ?? isIssued(socket.getPeerCertificate().raw, authorities());
    found.set(socket, known);
    return known;
  };
}

/** Without intermediate certificates, which are not known of a session that was taken up again. */
function isIssued(raw: Buffer | undefined, authorities: string): boolean {
  if (!raw) return false;
  const certificate = new X509Certificate(raw);
  const now = Date.now();
  const isTimely = Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
  return (
    isTimely &&
    certificatesIn(authorities, "it").some(
      (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
    )
  );
}

/** For the gRPC port, where TLS itself turns clients away, on Deno all but those: cuts such connections off. */
export function trustedClients(trust: ClientTrust): readonly ServerInterceptor[] {
  if (!isDeno) return [];
  return [
    (_, call) => {
      const session = baseCallOf(call)?.stream.session;
      if (session && trust(session.socket as TLSSocket)) return new ServerInterceptingCall(call);
      session?.destroy();
      return new ServerInterceptingCall(call, new ResponderBuilder().withStart(() => {}).build());
    },
  ];
}
