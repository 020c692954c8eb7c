/**
 * One gRPC call with bytes for messages: what is recorded is what was sent, and what starts the clock is not a client.
 */
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";

export const serviceName = "imagesource.v1.ImageSourceService";

export interface RawClient {
  /** Gives the encoded reply. Fails on any status but 0. */
  call(path: string, request: Uint8Array): Promise<Buffer>;
  close(): void;
}

export function rawClient(address: string): RawClient {
  const session = connect(`http://${address}`, { settings: { initialWindowSize: 1 << 24 } });
  session.on("error", () => {}); // the call fails with it
  return { call: (path, request) => call(session, path, request), close: () => session.destroy() };
}

async function call(session: ClientHttp2Session, path: string, request: Uint8Array): Promise<Buffer> {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  let status: string | undefined;
  stream.on("response", (headers) => {
    status = headers["grpc-status"] as string | undefined;
  });
  stream.on("trailers", (headers) => {
    status = headers["grpc-status"] as string | undefined;
  });
  stream.end(frame(request));
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(stream, "end");
  if (status !== "0") throw new Error(`${path} on gRPC: status ${status}`);
  return Buffer.concat(chunks).subarray(5);
}

/** A message as gRPC sends it: uncompressed, with its length before it. */
export function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
