/**
 * What `node:http2` can do at best: a process of its own that answers recorded gRPC calls with the same bytes, framed
 * beforehand. It reads the request and sends trailers, as it must; it knows no deadlines, limits, errors or metrics.
 *
 * `floor.ts RECORDINGS`; prints where it listens.
 */
import { readFileSync } from "node:fs";
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { frame, serviceName } from "./raw-call.ts";

interface Written {
  readonly method: string;
  readonly request: string;
  readonly reply: string;
}

const answers = new Map<string, Buffer>();
for (const { method, request, reply } of JSON.parse(
  readFileSync(process.argv[2] ?? "", "utf8"),
) as Written[]) {
  const path = `/${serviceName}/${method}`;
  answers.set(path + keyOf(frame(Buffer.from(request, "base64"))), frame(Buffer.from(reply, "base64")));
}

const headers = { ":status": 200, "content-type": "application/grpc" };
const trailers = { "grpc-status": "0" };
const options = { waitForTrailers: true, sendDate: false };

const server = createServer();
server.on("stream", (stream: ServerHttp2Stream, { ":path": path }) => {
  let request: Buffer | undefined;
  stream.on("data", (chunk: Buffer) => {
    request = request ? Buffer.concat([request, chunk]) : chunk;
  });
  stream.on("end", () => answer(stream, answers.get(path + keyOf(request))));
});
server.listen(0, "127.0.0.1", () => console.log(`127.0.0.1:${(server.address() as AddressInfo).port}`));

function answer(stream: ServerHttp2Stream, body: Buffer | undefined): void {
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.respond(headers, options);
  stream.end(body); // without one the generator of load counts an error
}

function keyOf(request: Buffer | undefined): string {
  return request?.toString("latin1") ?? "";
}
