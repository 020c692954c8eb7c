/**
 * Both ports of a place as they are on the wire, for what no client would send.
 */
import { once } from "node:events";
import { type IncomingMessage, type OutgoingHttpHeaders, request as overHttp } from "node:http";
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  type SecureClientSessionOptions,
} from "node:http2";
import { request as overHttps } from "node:https";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { ImageSourceService } from "../../../gen/imagesource/v1/image_source_service_pb.ts";
import { type WireReply, wireCall } from "../../support/grpc-wire.ts";
import type { Place } from "./place.ts";

export const pathOf = (method: string) => `/${ImageSourceService.typeName}/${method}`;

/** What callers have to send where they are asked who they are. */
export function tokenOf({ secured }: Place): Record<string, string> {
  return secured ? { authorization: `Bearer ${secured.token}` } : {};
}

function tlsOf({ secured }: Place) {
  return secured && { ca: secured.ca, cert: secured.cert, key: secured.key };
}

/** A call by gRPC with any bytes. Undefined where the connection ended without an answer. */
export async function grpcCall(
  place: Place,
  method: string,
  body: Buffer,
  headers: Record<string, string | undefined> = {},
): Promise<WireReply | undefined> {
  const path = pathOf(method).slice(1);
  const request = { body, headers: { ...tokenOf(place), ...headers }, tls: tlsOf(place) };
  return await wireCall(`127.0.0.1:${place.port}`, path, request).catch(() => undefined);
}

/** The status of an answer on the HTTP port. Undefined where the connection ended without one. */
export async function httpStatus(
  place: Place,
  path: string,
  body: Uint8Array | string,
  headers: OutgoingHttpHeaders = {},
): Promise<number | undefined> {
  const options = { method: "POST", headers: { ...tokenOf(place), ...headers }, agent: false as const };
  const url = `127.0.0.1:${place.httpPort}${path}`;
  const tls = tlsOf(place);
  const request = tls
    ? overHttps(`https://${url}`, { ...options, ...tls })
    : overHttp(`http://${url}`, options);
  request.on("error", () => {});
  request.end(body);
  const answered = await once(request, "response").catch(() => undefined);
  const [response] = (answered ?? []) as [IncomingMessage?];
  if (response) await once(response.on("error", () => {}).resume(), "close");
  return response?.statusCode;
}

/** An HTTP/2 connection to the gRPC port. */
export async function grpcSession(
  place: Place,
  options: SecureClientSessionOptions = {},
): Promise<ClientHttp2Session> {
  const url = `${place.secured ? "https" : "http"}://127.0.0.1:${place.port}`;
  const session = connectHttp2(url, { ...tlsOf(place), ...options });
  session.on("error", () => {});
  await once(session, "connect");
  return session;
}

/** A connection to a port that has sent nothing yet. */
export async function rawSocket(place: Place, port: number): Promise<Socket> {
  const tls = tlsOf(place);
  const ALPNProtocols = port === place.port ? ["h2"] : ["http/1.1"];
  const socket = tls
    ? connectTls({ ...tls, ALPNProtocols, host: "127.0.0.1", port })
    : connectTcp(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, tls ? "secureConnect" : "connect");
  return socket;
}
