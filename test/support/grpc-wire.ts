/**
 * gRPC as it is on the wire, for what no generated client would send: a request of any headers and bytes over a
 * connection of its own, and everything that came back.
 */
import { connect, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from "node:http2";
import type { SecureContextOptions } from "node:tls";
import { fromBinary } from "@bufbuild/protobuf";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.ts";

export interface WireReply {
  /** Of HTTP; 0 where there was no answer. */
  readonly httpStatus: number;
  /** Of gRPC, from headers or trailers; undefined where none was sent. */
  readonly code: number | undefined;
  /** `grpc-message`, decoded. */
  readonly message: string;
  /** `grpc-status-details-bin`, decoded. */
  readonly details: Status | undefined;
  /** Whatever came: of headers and of trailers. */
  readonly told: Readonly<Record<string, unknown>>;
  /** Bytes of names and values of the headers and the trailers. */
  readonly headerBytes: number;
  /** HTTP/2 error code of a stream that was reset. */
  readonly reset: number | undefined;
  readonly body: Buffer;
}

export interface WireRequest {
  readonly headers?: Record<string, string | undefined>;
  /** Already framed. */
  readonly body?: Buffer;
  /** Over TLS with these. */
  readonly tls?: SecureContextOptions | undefined;
}

/** A message with the five bytes that stand before it. */
export function frame(message: Uint8Array, { compressed = false, length = message.length } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed ? 1 : 0, 0);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

/** `path` is `package.Service/Method`. Headers that are undefined are not sent. Fails where there is no connection. */
export function wireCall(address: string, path: string, request: WireRequest = {}): Promise<WireReply> {
  const { headers = {}, body = frame(new Uint8Array()), tls } = request;
  const all = {
    ":method": "POST",
    ":path": `/${path}`,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  };
  const session = connect(`${tls ? "https" : "http"}://${address}`, tls ?? {});
  return new Promise<WireReply>((resolve, reject) => {
    session.on("error", reject);
    const stream = session.request(Object.fromEntries(Object.entries(all).filter(([, value]) => value)));
    let answered: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
    let trailers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    stream.on("response", (found) => {
      answered = found;
    });
    stream.on("trailers", (found) => {
      trailers = found;
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ERR_HTTP2_STREAM_ERROR") reject(error); // a reset is told by `close`
    });
    stream.on("close", () => {
      const told = { ...answered, ...trailers };
      const details = told["grpc-status-details-bin"];
      resolve({
        httpStatus: answered[":status"] ?? 0,
        code: told["grpc-status"] === undefined ? undefined : Number(told["grpc-status"]),
        message: decodeURIComponent(String(told["grpc-message"] ?? "")),
        details: details === undefined ? undefined : fromBinary(StatusSchema, base64(String(details))),
        told,
        headerBytes: [answered, trailers].reduce((sum, part) => sum + bytesOf(part), 0),
        reset: stream.rstCode || undefined,
        body: Buffer.concat(chunks),
      });
    });
    stream.end(body);
  }).finally(() => session.destroy());
}

function base64(text: string): Buffer {
  return Buffer.from(text, "base64");
}

function bytesOf(headers: IncomingHttpHeaders): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
}
