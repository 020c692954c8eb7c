/**
 * A registry with the seeded content, a service that reads it, and clients: one world per test file, runtime and kind
 * of registry. Tests in one file tell a story, so their order matters.
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, inject } from "vitest";
import { type Ask, clients, type Way } from "./clients.ts";
import { configuration } from "./config.ts";
import { type ImageName, labRepository } from "./content.ts";
import { ready } from "./health.ts";
import { newDirectory } from "./paths.ts";
import { freePlace, newSecured, type Place } from "./place.ts";
import { newRegistry, type Registry, type RegistryKind, registryKinds } from "./registry.ts";
import { type Runtime, runtimes, type Service, startService } from "./service.ts";
import { until } from "./until.ts";

export interface World {
  readonly registry: Registry;
  service: Service;
  readonly place: Place;
  readonly ask: Record<Way, Ask>;
  readonly digests: Readonly<Record<ImageName, string>>;
  /** When the service was started. */
  readonly since: Date;
  /** `127.0.0.1:PORT/sciplat/lab` */
  readonly lab: string;
  /** Starts the service, or starts it anew. Does not wait until it is ready. */
  startService(): Promise<void>;
}

/** Where TLS, client certificates and tokens are asked for: every story is told with and without. */
const securedWorlds: ReadonlySet<RegistryKind> = new Set(["distribution 3"]);

type Story = (world: World, kind: RegistryKind) => void;

/** Runs a story for both runtimes and both registries. The world is there when its tests run, not before. */
export const inEveryWorld = (story: Story): void => tell(story, (storage) => storage);

/** The same for a story that changes what the registry holds: it gets a copy. */
export const inEveryWorldOfItsOwn = (story: Story): void => tell(story, copy);

function tell(story: Story, content: (storage: string) => string): void {
  for (const runtime of Object.keys(runtimes) as Runtime[]) {
    for (const kind of Object.keys(registryKinds) as RegistryKind[]) {
      const how = securedWorlds.has(kind) ? " with TLS and tokens" : "";
      describe(`the service under ${runtime}${how}, reading ${kind}`, () => {
        const world = {} as World;
        beforeAll(async () => {
          await furnish(world, kind, runtime, content);
          await world.registry.start();
          await world.startService();
          await ready(world.service);
          await firstRuns(world);
        });
        afterAll(async () => {
          await world.service?.program.kill();
          await world.registry?.stop();
        });
        story(world, kind);
      });
    }
  }
}

async function furnish(
  world: World,
  kind: RegistryKind,
  runtime: Runtime,
  content: (storage: string) => string,
): Promise<void> {
  const { storage, digests } = inject("seeded")[kind];
  const registry = await newRegistry(kind, content(storage));
  const place = await freePlace(securedWorlds.has(kind) ? newSecured() : undefined);
  const fields: Omit<World, "service"> = {
    registry,
    place,
    ask: clients(place),
    digests,
    since: new Date(),
    lab: `${registry.host}/${labRepository}`,
    async startService() {
      world.service = await startService(runtime, place, configuration({ place, registry: registry.host }));
    },
  };
  Object.assign(world, fields);
}

function copy(storage: string): string {
  const own = join(newDirectory("content"), "storage");
  cpSync(storage, own, { recursive: true });
  return own;
}

/** Ready is said with one snapshot where the other sources have failed; here every source must have one. */
async function firstRuns(world: World): Promise<void> {
  await until("a snapshot of every source", async () => {
    const { sources } = await world.ask.gRPC.listSources({});
    return sources.length === 4 && sources.every(({ snapshot }) => snapshot);
  });
}
