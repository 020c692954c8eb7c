/**
 * What a story of the tests begins with: a repository of its own behind a gate, the service that reads it, and
 * whatever prepullers it starts. Stories share the cluster, so each leaves it as it was.
 */
import { afterAll, afterEach, beforeAll } from "vitest";
import { type Ask, clients } from "../../e2e/support/clients.ts";
import { dockerConfig } from "../../e2e/support/docker-config.ts";
import { ready } from "../../e2e/support/health.ts";
import { freePlace, type Place, portsOf } from "../../e2e/support/place.ts";
import { type Service, startService } from "../../e2e/support/service.ts";
import type { Cluster } from "./cluster.ts";
import { type Gate, type GateOptions, startGate } from "./gate.ts";
import { theCluster } from "./global-setup.ts";
import { type PodRecord, recordPods } from "./pod-record.ts";
import { exitOf, type Prepuller, type PrepullerOptions, startPrepuller } from "./prepuller.ts";
import { tidy } from "./tidy.ts";

export interface Story {
  readonly cluster: Cluster;
  /** Between the nodes and the registry, and the service and the registry. */
  readonly gate: Gate;
  /** As the nodes and the service know it: `127.0.0.1:PORT/NAME/lab`. */
  readonly repository: string;
  /** The same as one who pushes knows it, past the gate. */
  readonly storage: string;
  readonly service: Service;
  /** The service, by the generated client. */
  readonly ask: Ask;
  /** Every pod that the prepullers of this story make. */
  readonly pods: PodRecord;
  /** Starts one, with what differs from `defaults`. */
  prepuller(config?: object, options?: PrepullerOptions): Promise<Prepuller>;
  /** Runs one round to its end. */
  once(config?: object, options?: PrepullerOptions): Promise<Round>;
  /** The digests of the images that the menu shows as prepulled. */
  prepulled(): Promise<string[]>;
}

export interface Round {
  /** Exit code. */
  readonly code: number | NodeJS.Signals;
  readonly output: string;
}

export interface StoryOptions extends GateOptions {
  /** Pushes the images that are there when the service starts. */
  readonly images: (storage: string) => Promise<void>;
}

/** The story is there when its tests run, not before. */
export function tellStory(name: string, { images, ...gateOptions }: StoryOptions): Story {
  const story = {} as Story;
  const started: Prepuller[] = [];

  beforeAll(async () => {
    const cluster = theCluster();
    const storage = `${cluster.registry}/${name}/lab`;
    const [gate, place, pods] = await Promise.all([
      startGate(cluster.registry, gateOptions),
      freePlace(),
      recordPods(cluster),
      images(storage),
    ]);
    const { login } = gateOptions;
    const credentialsFile = login && dockerConfig(gate.host, login).path;
    const service = await startService(
      "node",
      place,
      serviceConfig(place, gate.host, `${name}/lab`, credentialsFile),
    );
    await ready(service);
    const ask = clients(place).gRPC;
    const config = (more: object) => ({
      service: { url: `http://127.0.0.1:${place.port}` },
      kubeconfig: cluster.kubeconfigs.prepuller,
      refreshInterval: "5s",
      pullTimeout: "15s",
      lease: { name, duration: "5s" },
      ...more,
    });
    const prepuller: Story["prepuller"] = async (more = {}, options = {}) => {
      const one = await startPrepuller(config(more), options);
      started.push(one);
      return one;
    };
    Object.assign(story, {
      ...{ cluster, gate, storage, service, ask, pods, prepuller },
      repository: `${gate.host}/${name}/lab`,
      async once(more, options) {
        const { program } = await prepuller(more, { ...options, once: true });
        const code = await exitOf(program, options?.seconds);
        return { code, output: program.output() };
      },
      async prepulled() {
        const { images } = await ask.menuImages({});
        return images.filter(({ prepulled }) => prepulled).map(({ digest }) => digest);
      },
    } satisfies Story);
  });

  afterEach(({ task }) => {
    if (task.result?.state !== "fail") return;
    for (const { program } of started)
      console.error(`a prepuller of this story:\n${program.output().slice(-5000)}`);
  });

  afterAll(async () => {
    await Promise.all(started.map(({ program }) => program.kill()));
    await story.service?.program.kill();
    story.pods?.stop();
    await story.gate?.stop(); // whatever still pulls through it fails now
    await tidy(theCluster());
  });
  return story;
}

function serviceConfig(place: Place, registry: string, repository: string, credentialsFile?: string): string {
  const source = {
    name: "lab",
    type: "docker",
    registry,
    repository,
    scheme: "http",
    refreshInterval: 0, // only when the prepuller asks for it
    resolveTtl: 0,
    numReleases: 3,
    numWeeklies: 3,
    ...(credentialsFile && { credentialsFile }),
  };
  return JSON.stringify({
    ...portsOf(place),
    shutdown: { wait: "0s", grace: "5s" },
    sources: [source],
  });
}
