/**
 * The service, put together: readers, sources, the RPCs, the ports for gRPC and for HTTP; and how it starts and ends.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Health as HealthService } from "../../gen/grpc/health/v1/health_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import type { Config, SourceConfig } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { isLoopback } from "../domain/host.ts";
import type { Logger } from "../observability/logger.ts";
import { ServerMetrics, type SourceFigures } from "../observability/server-metrics.ts";
import type { RequestEnded } from "../registry/transport.ts";
import { malformedRequest, requestTooLarge, toConnectError } from "../rpc/errors.ts";
import { imageSourceService } from "../rpc/image-source-service.ts";
import { largestRequest, requestLimit } from "../rpc/limits.ts";
import { callObserver } from "../servers/call-observer.ts";
import { connectHandler } from "../servers/connect-adapter.ts";
import { addService, type RequestRules } from "../servers/grpc-adapter.ts";
import { startGrpcServer } from "../servers/grpc-server.ts";
import { Health } from "../servers/health.ts";
import { startHttpServer } from "../servers/http-server.ts";
import { opsHandler } from "../servers/ops-server.ts";
import { addReflection } from "../servers/reflection.ts";
import { Catalog } from "../sources/catalog.ts";
import { ImageSource } from "../sources/image-source.ts";
import { type ClosableReader, pathOf, readerOf } from "./readers.ts";

export interface RunningServer {
  /** Where the gRPC port listens: `host:port`. */
  readonly address: string;
  /** Where the HTTP port listens: `host:port`. */
  readonly httpAddress: string;
  /** Is not ready from now on, waits so many milliseconds for those who balance loads, drains, and ends. */
  stop(wait: number): Promise<void>;
}

/** Fails with `ConfigError` where a file that is named cannot be used; also where an address is taken. */
export async function startServer(config: Config, log: Logger): Promise<RunningServer> {
  const metrics = new ServerMetrics(() => figuresOf(catalog));
  const readers = openReaders(config, log, (...request) => metrics.registryRequest(...request));
  const sources = readers.map(
    ([source, reader]) => new ImageSource({ ...source, ...pathOf(source) }, reader, log, tellHealth),
  );
  const catalog = new Catalog(sources);
  const health = new Health([ImageSourceService.typeName]);
  let isStopping = false;
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
    observe: callObserver({ own: ImageSourceService, others: [HealthService] }, metrics, log),
  };
  const http = await startHttpServer({
    ...config.http,
    ops: opsHandler({
      isReady: () => (isStopping ? "stopping" : catalog.missing),
      metrics: () => metrics.text(),
      onBug: (err) => log.error({ err }, "a probe failed by a fault of the service"),
    }),
    rpc: connectHandler(
      (add) => {
        add(ImageSourceService, service);
        add(HealthService, health.service());
      },
      rules,
      onBug,
    ),
    failed: (err) => log.error({ err }, "the HTTP port has failed"),
  });
  const grpc = await startGrpcServer({ ...config.grpc, maxRequestBytes: largestRequest }, (server) => {
    addService(server, ImageSourceService, service, rules);
    addService(server, HealthService, health.service(), rules);
    addReflection(server, [ImageSourceService, HealthService], rules);
  }).catch(async (error: unknown) => {
    await http.drain(0);
    throw error;
  });
  log.info({ address: http.address }, "listening for HTTP");
  log.info({ address: grpc.address }, "listening for gRPC");
  for (const { address } of [grpc, http])
    if (!isLoopback(address)) log.warn({ address }, "anyone who reaches this address can call");
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
      await closeReaders(readers);
      log.info("stopped");
    },
  };
}

function figuresOf(catalog: Catalog): SourceFigures[] {
  const times = catalog.refreshTimes();
  return catalog.sources().map(({ name, snapshot }) => {
    const ms = times.get(name);
    return {
      name,
      tags: snapshot?.tagCount ?? 0,
      images: snapshot?.imageCount ?? 0,
      nodes: snapshot?.nodeCount ?? 0,
      isStale: snapshot?.stale ?? false,
      ageSeconds: snapshot && Math.max(0, Date.now() - snapshot.updateTime) / 1000,
      refreshSeconds: ms === undefined ? undefined : ms / 1000,
    };
  });
}

/** Fails with `ConfigError` where a file that is named cannot be used. */
export async function checkFiles(config: Config, log: Logger): Promise<void> {
  await closeReaders(openReaders(config, log, () => {}));
}

type Opened = readonly (readonly [SourceConfig, ClosableReader])[];

function openReaders({ sources }: Config, log: Logger, requestEnded: RequestEnded): Opened {
  const opened: [SourceConfig, ClosableReader][] = [];
  const problems: string[] = [];
  for (const [index, source] of sources.entries()) {
    try {
      opened.push([source, readerOf(source, log.child({ source: source.name }), requestEnded)]);
    } catch (error) {
      problems.push(`sources[${index}]: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (problems.length === 0) return opened;
  closeReaders(opened).catch((err: unknown) => log.error({ err }, "cannot close a reader"));
  throw new ConfigError(problems);
}

async function closeReaders(readers: Opened): Promise<void> {
  await Promise.all(readers.map(([, reader]) => reader.close?.()));
}
