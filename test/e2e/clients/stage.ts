/**
 * What the clients are tried on: a real registry, and the service that reads it. At first neither runs.
 */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { type Ask, clients } from "../support/clients.ts";
import { type ImageName, labRepository } from "../support/content.ts";
import { ready } from "../support/health.ts";
import { newDirectory } from "../support/paths.ts";
import { freePlace, type Place, portsOf } from "../support/place.ts";
import { newRegistry, type Registry } from "../support/registry.ts";
import { type Runtime, type Service, startService } from "../support/service.ts";

export interface Stage {
  readonly registry: Registry;
  /** `127.0.0.1:PORT/sciplat/lab` */
  readonly lab: string;
  readonly digests: Readonly<Record<ImageName, string>>;
  /** Of the service. */
  readonly place: Place;
  readonly ask: Ask;
  /** Starts the service, or starts it anew. Does not wait until it is ready. */
  startService(): Promise<Service>;
  /** The service. Registry and service are started where they do not run, and ready. */
  service(): Promise<Service>;
  stop(): Promise<void>;
}

/** The registry can delete single tags, and gets a copy of the content. */
export async function newStage(runtime: Runtime): Promise<Stage> {
  const { storage, digests } = inject("seeded")["distribution 3"];
  const own = join(newDirectory("content"), "storage");
  cpSync(storage, own, { recursive: true });
  const registry = await newRegistry("distribution 3", own);
  const place = await freePlace();

  let listing = false;
  async function startRegistry(): Promise<void> {
    await registry.start();
    listing = true;
  }
  let service: Service | undefined;
  async function startTheService(): Promise<Service> {
    service = await startService(runtime, place, configuration(place, registry.host));
    return service;
  }

  return {
    registry: { ...registry, start: startRegistry },
    lab: `${registry.host}/${labRepository}`,
    digests,
    place,
    ask: clients(place).gRPC,
    startService: startTheService,
    async service() {
      if (!listing) await startRegistry();
      const running = service ?? (await startTheService());
      await ready(running);
      return running;
    },
    async stop() {
      await service?.program.kill();
      await registry.stop();
    },
  };
}

/** The menu changes only when a test asks for it. */
const configuration = (place: Place, registry: string) =>
  JSON.stringify({
    ...portsOf(place),
    shutdown: { wait: "0s", grace: "5s" },
    sources: [
      {
        ...{ name: "lab", type: "docker", registry, repository: labRepository, scheme: "http" },
        ...{ refreshInterval: 0, resolveTtl: 0 },
      },
    ],
  });

/** A cluster that is not there: KubeSpawner reads where it is, and the clients ask it nothing. */
export function kubeconfig(): string {
  const path = join(newDirectory("kubernetes"), "kubeconfig");
  const user = { name: "nobody", user: {} };
  const cluster = { name: "nowhere", cluster: { server: "http://127.0.0.1:9" } };
  const context = { name: "none", context: { cluster: "nowhere", user: "nobody" } };
  writeFileSync(
    path,
    JSON.stringify({
      ...{ apiVersion: "v1", kind: "Config", "current-context": "none" },
      ...{ users: [user], clusters: [cluster], contexts: [context] },
    }),
  );
  return path;
}
