/**
 * The service, put together: readers, sources, the RPCs, the gRPC port; and how it starts and ends.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Health as HealthService } from "../../gen/grpc/health/v1/health_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import type { Config, SourceConfig } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import type { Logger } from "../observability/logger.ts";
import { malformedRequest, requestTooLarge, toConnectError } from "../rpc/errors.ts";
import { imageSourceService } from "../rpc/image-source-service.ts";
import { largestRequest, requestLimit } from "../rpc/limits.ts";
import { addService, type RequestRules } from "../servers/grpc-adapter.ts";
import { startGrpcServer } from "../servers/grpc-server.ts";
import { Health } from "../servers/health.ts";
import { addReflection } from "../servers/reflection.ts";
import { Catalog } from "../sources/catalog.ts";
import { ImageSource } from "../sources/image-source.ts";
import { type Access, openAccess, warnOfOpenness } from "./access.ts";
import { type ClosableReader, pathOf, readerOf } from "./readers.ts";
import { openState, type State } from "./state.ts";

export interface RunningServer {
  /** Where the gRPC port listens: `host:port`. */
  readonly address: string;
  /** Is not ready from now on, waits so many milliseconds for those who balance loads, drains, and ends. */
  stop(wait: number): Promise<void>;
}

/** What differs in tests. */
export interface ServerSettings {
  /** How often certificates and tokens are looked at. */
  readonly intervalMs?: number;
}

/** Fails with `ConfigError` where a file that is named cannot be used; also where the address is taken. */
export async function startServer(
  config: Config,
  log: Logger,
  { intervalMs }: ServerSettings = {},
): Promise<RunningServer> {
  const { readers, access, state } = openFiles(config, log, intervalMs);
  const sources = readers.map(([source, reader]) => {
    return new ImageSource(
      { ...source, ...pathOf(source) },
      reader,
      log,
      tellHealth,
      state.file(source.name),
    );
  });
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
  };
  const { address, maxConcurrentStreams } = config.grpc;
  const { credentials, interceptors } = access;
  const options = {
    address,
    maxConcurrentStreams,
    maxRequestBytes: largestRequest,
    credentials,
    interceptors,
  };
  const grpc = await startGrpcServer(options, (server) => {
    addService(server, ImageSourceService, service, rules);
    addService(server, HealthService, health.service(), rules);
    addReflection(server, [ImageSourceService, HealthService], rules);
  });
  log.info({ address: grpc.address }, "listening for gRPC");
  warnOfOpenness(grpc.address, config.grpc, log);
  catalog.start(tellHealth);

  return {
    address: grpc.address,
    async stop(wait) {
      isStopping = true;
      tellHealth();
      log.info({ wait }, "stopping: not ready");
      await sleep(wait);
      log.info({ grace: config.shutdown.grace }, "draining");
      catalog.stop();
      closing.abort();
      await grpc.drain(config.shutdown.grace);
      await catalog.end();
      access.close();
      await closeReaders(readers);
      log.info("stopped");
    },
  };
}

/** Fails with `ConfigError` where a file that is named cannot be used. */
export async function checkFiles(config: Config, log: Logger): Promise<void> {
  const { readers, access, state } = openFiles(config, log);
  state.unmake();
  access.close();
  await closeReaders(readers);
}

type Readers = readonly (readonly [SourceConfig, ClosableReader])[];

/** Opens all there is before it fails with what is wrong with any. */
function openFiles(
  config: Config,
  log: Logger,
  intervalMs?: number,
): { readonly readers: Readers; readonly access: Access; readonly state: State } {
  const problems: string[] = [];
  const attempt = <T>(key: string, open: () => T): T | undefined => {
    try {
      return open();
    } catch (error) {
      problems.push(`${key}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const state = attempt("stateDirectory", () => openState(config.stateDirectory));
  const access = openAccess(config.grpc, log, attempt, intervalMs);
  const readers = config.sources.flatMap((source, index): [SourceConfig, ClosableReader][] => {
    const reader = attempt(`sources[${index}]`, () => readerOf(source, log.child({ source: source.name })));
    return reader ? [[source, reader]] : [];
  });
  if (problems.length === 0 && state) return { readers, access, state };
  state?.unmake();
  access.close();
  closeReaders(readers).catch((err: unknown) => log.error({ err }, "cannot close a reader"));
  throw new ConfigError(problems);
}

async function closeReaders(readers: Readers): Promise<void> {
  await Promise.all(readers.map(([, reader]) => reader.close?.()));
}
