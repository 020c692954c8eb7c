/**
 * An experiment, no part of the service: its gRPC port without grpc-js. A `node:http2` server answers kept replies itself
 * and hands everything else to Connect's handlers. What it lacks beside grpc-js: docs/performance.md.
 *
 * `unary-server.ts serve --config FILE`, like the service; serves the gRPC port only.
 */
import {
  createServer,
  Http2ServerRequest,
  Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { create, type DescMethod, type DescService, isMessage, toBinary } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import type { ConnectRouterOptions, HandlerContext, MethodImpl, ServiceImpl } from "@connectrpc/connect";
import { Code, createConnectRouter, createContextKey, createContextValues } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import { Health as HealthService } from "../../gen/grpc/health/v1/health_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { pathOf } from "../../src/app/readers.ts";
import { openServiceFiles } from "../../src/app/service-files.ts";
import { figuresOf } from "../../src/app/source-figures.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { ServerMetrics } from "../../src/observability/server-metrics.ts";
import { imageSourceService } from "../../src/rpc/image-source-service.ts";
import { requestLimit } from "../../src/rpc/limits.ts";
import { asBuffer } from "../../src/servers/buffers.ts";
import { callObserver } from "../../src/servers/call-observer.ts";
import { framed } from "../../src/servers/framed-reply.ts";
import { Health } from "../../src/servers/health.ts";
import { type MethodReplies, ReplyCache } from "../../src/servers/reply-cache.ts";
import { Catalog } from "../../src/sources/catalog.ts";
import { ImageSource } from "../../src/sources/image-source.ts";

interface Rpc {
  readonly method: DescMethod;
  readonly handler: UniversalHandler;
  /** Of a method that has no side effects. */
  readonly kept: MethodReplies | undefined;
}

type Handler = (request: unknown, context: HandlerContext) => unknown;

const config = loadConfig(process.argv.at(-1) ?? "");
const log = createLogger(config.log);
const metrics = new ServerMetrics(() => figuresOf(catalog));
const observe = callObserver({ own: ImageSourceService, others: [HealthService] }, metrics, log);
const files = await openServiceFiles(config, log, { observe });
let epoch = 0;
const changed = () => {
  epoch += 1;
  health.set(catalog.isReady);
};
const sources = files.readers.map(
  ([source, reader]) =>
    new ImageSource({ ...source, ...pathOf(source) }, reader, log, changed, files.state.file(source.name)),
);
const catalog = new Catalog(sources);
const health = new Health([ImageSourceService.typeName]);
const onBug = (err: unknown) => log.error({ err }, "a call failed by a fault of the service");

const replies = new ReplyCache({ epoch: () => epoch });
/** The request as it came, where its reply is one to keep. */
const requestKey = createContextKey<Buffer | undefined>(undefined);
const rpcs = new Map<string, Rpc>([
  ...rpcsOf(ImageSourceService, imageSourceService(catalog, onBug)),
  ...rpcsOf(HealthService, health.service()),
]);

const headersOfReply = { ":status": 200, "content-type": "application/grpc+proto" };
const options = { waitForTrailers: true, sendDate: false };
const trailers = { "grpc-status": "0" };
function sendTrailers(this: ServerHttp2Stream): void {
  this.sendTrailers(trailers);
}

const server = createServer({ settings: { maxConcurrentStreams: config.grpc.maxConcurrentStreams } });
server.on("stream", (stream: ServerHttp2Stream, headers, _flags, rawHeaders) => {
  const rpc = rpcs.get(headers[":path"] ?? "");
  if (rpc?.kept && isPlain(headers)) answerKept(rpc, rpc.kept, stream, headers);
  else handOver(rpc, stream, headers, rawHeaders);
});
server.listen(0, "127.0.0.1", () => {
  log.info({ address: `127.0.0.1:${(server.address() as AddressInfo).port}` }, "listening for gRPC");
  catalog.start(() => health.set(catalog.isReady));
});

/** Anything else, like compressed requests and JSON, is left to Connect. */
function isPlain(headers: IncomingHttpHeaders): boolean {
  const type = headers["content-type"];
  const isGrpc = type === "application/grpc" || type === "application/grpc+proto";
  return isGrpc && headers[":method"] === "POST" && headers["grpc-encoding"] === undefined;
}

function answerKept(rpc: Rpc, kept: MethodReplies, stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
  let request: Buffer | undefined;
  const limit = requestLimit(rpc.method.name) + 5;
  stream.on("error", () => {}); // the caller has gone
  stream.on("data", (chunk: Buffer) => {
    request = request ? Buffer.concat([request, chunk]) : chunk;
    if (request.length > limit) stream.destroy(); // should be a status; that takes ten more lines
  });
  stream.on("end", () => {
    const known = request && kept.get(request);
    if (!known) return handOver(rpc, stream, headers, [], request ?? Buffer.alloc(0));
    observe(rpc.method, { get: () => [] })(undefined);
    stream.respond(headersOfReply, options);
    stream.once("wantTrailers", sendTrailers);
    stream.end(known);
  });
}

/** To Connect, which is given the body where it was read already. */
function handOver(
  rpc: Rpc | undefined,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: string[],
  body?: Buffer,
): void {
  const request = new Http2ServerRequest(stream, headers, {}, rawHeaders);
  const response = new Http2ServerResponse(stream);
  if (!rpc) {
    response.writeHead(404).end(); // callers make Unimplemented of it
    return;
  }
  const ended = observe(rpc.method, { get: (name) => [headers[name] ?? []].flat() });
  const values = createContextValues().set(requestKey, body);
  const whole = universalRequestFromNodeRequest(request, response, undefined, values);
  const chunks =
    body &&
    (async function* () {
      yield new Uint8Array(body);
    })();
  rpc
    .handler({ ...whole, ...(chunks && { body: chunks }) })
    .then((answer) => {
      stream.once("close", () => ended(outcomeOf(stream, answer.trailer?.get("grpc-status"))));
      return universalResponseToNodeResponse(answer, response);
    })
    .catch(() => stream.destroy());
}

function outcomeOf({ rstCode }: ServerHttp2Stream, status: string | null | undefined): Code | undefined {
  if (rstCode !== 0) return Code.Canceled;
  return status === "0" ? undefined : (Number(status ?? Code.Unknown) as Code);
}

function rpcsOf<S extends DescService>(service: S, impl: ServiceImpl<S>): [string, Rpc][] {
  const router = createConnectRouter();
  const keptOf = new Map<DescMethod, MethodReplies>();
  for (const method of service.methods) {
    const isRead = method.methodKind === "unary" && method.idempotency === Level.NO_SIDE_EFFECTS;
    if (isRead && service === (ImageSourceService as DescService))
      keptOf.set(method, replies.of(method.name));
    const own = (impl as Record<string, Handler>)[method.localName] as Handler;
    const handler = keeping(method, own.bind(impl), keptOf.get(method));
    const limits = { readMaxBytes: requestLimit(method.name) };
    const options: ConnectRouterOptions = { connect: false, grpcWeb: false, ...limits };
    router.rpc(method, handler as MethodImpl<typeof method>, options);
  }
  return router.handlers.map((handler) => {
    const { method } = handler;
    return [handler.requestPath, { method, handler, kept: keptOf.get(method) }];
  });
}

function keeping(method: DescMethod, handler: Handler, kept: MethodReplies | undefined): Handler {
  if (!kept) return handler;
  return (request, context) => {
    const reply = handler(request, context);
    const bytes = context.values.get(requestKey);
    if (bytes && !(reply instanceof Promise)) {
      const message = isMessage(reply, method.output) ? reply : create(method.output, Object(reply));
      kept.set(bytes, framed(asBuffer(toBinary(method.output, message))));
    }
    return reply;
  };
}
