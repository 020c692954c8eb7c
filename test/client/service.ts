/**
 * A service of the contract for tests of the client, whose methods answer as the test wants; and clients of it. All of
 * them end with the test.
 */
import type { ServiceImpl } from "@connectrpc/connect";
import { Server, ServerCredentials, type ServerOptions } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import {
  openServiceClient,
  type ServiceClient,
  type ServiceClientOptions,
  type ServiceClientSettings,
} from "../../src/client/service-client.ts";
import { addService } from "../../src/servers/grpc-adapter.ts";
import { recordedLog } from "../registry/reader.ts";
import { rules } from "../support/grpc-servers.ts";

export type Methods = Partial<ServiceImpl<typeof ImageSourceService>>;

export interface RunningService {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** Breaks all connections. */
  kill(): void;
}

export interface ServiceSetup {
  readonly address?: string;
  readonly credentials?: ServerCredentials;
  readonly options?: ServerOptions;
}

const empty = () => ({});
const methodsOfNothing: ServiceImpl<typeof ImageSourceService> = {
  updateImages: empty,
  imageForReference: empty,
  imageForTagName: empty,
  markPrepulled: empty,
  menuImages: empty,
  prepulledImages: empty,
  listSources: empty,
};

/** Methods that are not given answer with nothing. */
export async function startService(methods: Methods = {}, setup: ServiceSetup = {}): Promise<RunningService> {
  const { address = "127.0.0.1:0", credentials = ServerCredentials.createInsecure(), options = {} } = setup;
  const server = new Server({ "grpc.max_receive_message_length": -1, ...options });
  addService(server, ImageSourceService, { ...methodsOfNothing, ...methods }, rules);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  onTestFinished(() => server.forceShutdown());
  return { address: `127.0.0.1:${port}`, kill: () => server.forceShutdown() };
}

const noFiles = { tokenFile: undefined, caFile: undefined, clientCertificate: undefined };

/** With what it said: `text()`. */
export function clientOf(
  options: Partial<ServiceClientOptions> & { readonly url: string },
  settings: ServiceClientSettings = {},
): ServiceClient & { readonly text: () => string } {
  const log = recordedLog();
  const client = openServiceClient({ ...noFiles, ...options }, log, settings);
  onTestFinished(() => client.close());
  return { ...client, text: log.text };
}
