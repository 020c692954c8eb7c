/**
 * The service, put together: readers, sources, the RPCs, both ports; and how it starts and ends.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { DescMethod } from "@bufbuild/protobuf";
import { Health as HealthService } from "../../gen/grpc/health/v1/health_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import type { Config } from "../config/config.ts";
import type { Logger } from "../observability/logger.ts";
import { processMetrics } from "../observability/process-metrics.ts";
import { ServerMetrics } from "../observability/server-metrics.ts";
import { decodingUpdate } from "../rpc/decode-update.ts";
import { malformedRequest, requestTooLarge, toConnectError } from "../rpc/errors.ts";
import { imageSourceService } from "../rpc/image-source-service.ts";
import { largestRequest, requestLimit } from "../rpc/limits.ts";
import { callObserver } from "../servers/call-observer.ts";
import { connectHandler } from "../servers/connect-adapter.ts";
import { addService } from "../servers/grpc-adapter.ts";
import { startGrpcServer } from "../servers/grpc-server.ts";
import { Health } from "../servers/health.ts";
import { startHttpServer } from "../servers/http-server.ts";
import { opsHandler } from "../servers/ops-server.ts";
import { addReflection, reflectionServices } from "../servers/reflection.ts";
import { ReplyCache } from "../servers/reply-cache.ts";
import type { RequestRules } from "../servers/request-rules.ts";
import { Catalog } from "../sources/catalog.ts";
import { ImageSource } from "../sources/image-source.ts";
import { warnOfOpenness } from "./access.ts";
import { pathOf } from "./readers.ts";
import { openServiceFiles } from "./service-files.ts";
import { figuresOf } from "./source-figures.ts";

export interface RunningServer {
  /** Where the gRPC port listens: `host:port`. */
  readonly address: string;
  /** Where the HTTP port listens: `host:port`. */
  readonly httpAddress: string;
  /** Is not ready from now on, waits so many milliseconds for those who balance loads, drains, and ends. */
  stop(wait: number): Promise<void>;
}

/** Only a request that holds a node cache is large. */
const decoderOf = (method: DescMethod) =>
  method === ImageSourceService.method.updateImages ? decodingUpdate : undefined;

/** What differs in tests. */
export interface ServerSettings {
  /** How often certificates and tokens are looked at. */
  readonly intervalMs?: number;
}

/** Fails with `ConfigError` where a file that is named cannot be used; also where an address is taken. */
export async function startServer(
  config: Config,
  log: Logger,
  { intervalMs }: ServerSettings = {},
): Promise<RunningServer> {
  const metrics = new ServerMetrics(() => figuresOf(catalog));
  const observe = callObserver(
    { own: ImageSourceService, others: [HealthService, ...reflectionServices] },
    metrics,
    log,
  );
  const files = await openServiceFiles(config, log, {
    intervalMs,
    observe,
    requestEnded: (...request) => metrics.registryRequest(...request),
  });
  const sources = files.readers.map(([source, reader]) => {
    const options = { ...source, ...pathOf(source) };
    return new ImageSource(options, reader, log, changed, files.state.file(source.name));
  });
  const catalog = new Catalog(sources);
  const health = new Health([ImageSourceService.typeName]);
  let isStopping = false;
  /** Moves with everything that could change an answer. */
  let epoch = 0;
  function changed() {
    epoch += 1;
    tellHealth();
  }
  function tellHealth() {
    health.set(!isStopping && catalog.isReady);
  }

  const onBug = (err: unknown) => log.error({ err }, "a call failed by a fault of the service");
  const service = imageSourceService(catalog, onBug);
  const closing = new AbortController();
  const rules: RequestRules = {
    closing: closing.signal,
    limitOf: ({ name }) => requestLimit(name),
    tooLarge: requestTooLarge,
    malformed: malformedRequest,
    unencodable: (cause) => toConnectError(cause, onBug),
    observe,
  };
  const ops = opsHandler({
    isReady: () => (isStopping ? "stopping" : catalog.missing),
    metrics: async () => (await metrics.text()) + (await processMetrics()),
    onBug: (err) => log.error({ err }, "a probe failed by a fault of the service"),
  });
  const rpc = connectHandler(
    (add) => {
      add(ImageSourceService, service);
      add(HealthService, health.service());
    },
    { ...rules, guard: files.access.http.guard },
    onBug,
  );
  const http = await startHttpServer({
    ...config.http,
    tls: files.access.http.tls,
    ops,
    rpc,
    failed: (err) => log.error({ err }, "the HTTP port has failed"),
  }).catch(async (error: unknown) => {
    await files.close();
    throw error;
  });
  const options = { ...config.grpc, ...files.access.grpc, maxRequestBytes: largestRequest };
  const replies = new ReplyCache({ epoch: () => epoch });
  const grpc = await startGrpcServer(options, (server) => {
    addService(server, ImageSourceService, service, { ...rules, replies, decoderOf });
    addService(server, HealthService, health.service(), rules);
    addReflection(server, [ImageSourceService, HealthService], rules);
  }).catch(async (error: unknown) => {
    await Promise.all([http.drain(0), files.close()]);
    throw error;
  });
  log.info({ address: http.address }, "listening for HTTP");
  log.info({ address: grpc.address }, "listening for gRPC");
  const { tokensFile } = config.grpc;
  warnOfOpenness({ key: "grpc", address: grpc.address, tls: config.grpc.tls, tokensFile }, log);
  warnOfOpenness({ key: "http", address: http.address, tls: config.http.tls, tokensFile }, log);
  catalog.start(tellHealth);

  return {
    address: grpc.address,
    httpAddress: http.address,
    async stop(wait) {
      isStopping = true;
      tellHealth();
      log.info({ wait }, "stopping: not ready");
      await sleep(wait);
      log.info({ grace: config.shutdown.grace }, "draining");
      catalog.stop();
      closing.abort();
      await Promise.all([grpc, http].map((port) => port.drain(config.shutdown.grace)));
      // A disk that hangs keeps nobody from ending.
      await Promise.race([catalog.end(), sleep(config.shutdown.grace, undefined, { ref: false })]);
      await files.close();
      log.info("stopped");
    },
  };
}
