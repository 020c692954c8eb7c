/**
 * A small world for the prepuller: a fake cluster and a fake registry on real sockets, the real service in between, and
 * prepullers as the program opens them. All of it ends with the test.
 *
 * In every test it is looked that no node has two pods of a prepuller at the same time.
 */
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import pino from "pino";
import { expect, onTestFinished, vi } from "vitest";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { startServer } from "../../src/app/server.ts";
import { parseConfig } from "../../src/config/parse.ts";
import type { PrepullerConfig } from "../../src/config/prepuller-config.ts";
import { parsePrepullerConfig } from "../../src/config/prepuller-parse.ts";
import { fakeKubernetes } from "../support/kubernetes-api.ts";
import { type ManualClock, manualClock } from "../support/kubernetes-clock.ts";
import type { Kubelet } from "../support/kubernetes-kubelet.ts";
import type { NodeParts } from "../support/kubernetes-objects.ts";
import type { Json } from "../support/kubernetes-store.ts";
import { fakeRegistry } from "../support/registry.ts";
import { grpcTransport } from "../support/transports.ts";
import { watchPods } from "./pods.ts";
import { type Running, runningPrepuller } from "./running.ts";

export const repository = "sciplat/lab";

export interface WorldOptions {
  /** Ready and empty, where no more is said; by default `n1`. */
  readonly nodes?: readonly (string | NodeParts)[];
  /** In the registry, all of them weeklies that are wanted; by default one. */
  readonly tags?: readonly string[];
  readonly kubelet?: Kubelet;
  /** Keys of the source, besides those that lead to the registry; with a `type`, instead of them. */
  readonly source?: object;
}

// As long as `until` may take, several times over: a machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

type Settings = Partial<PrepullerConfig>;

const day = 86_400_000;
/** Rounds and renewals that do not come by themselves while a test lets hours pass. */
const still: Settings = { refreshInterval: 30 * day, lease: { name: "prepuller", duration: 365 * day } };

export type World = Awaited<ReturnType<typeof world>>;

export async function world(options: WorldOptions = {}) {
  const { nodes = ["n1"], tags = ["w_2077_43"], kubelet, source = {} } = options;
  const fake = await fakeKubernetes();
  const registry = await fakeRegistry();
  const pods = watchPods(fake);
  for (const tag of tags) registry.push(repository, tag);
  if (kubelet) fake.kubelet = kubelet;

  const docker = { type: "docker", registry: registry.host, repository, scheme: "http" };
  const counts = { numReleases: 0, numDailies: 0, numWeeklies: 10 };
  const lab = { name: "lab", ...("type" in source ? {} : docker), ...counts, ...source };
  let address = "127.0.0.1:0";
  let server: Awaited<ReturnType<typeof startServer>> | undefined;
  const running = new Set<Running>();

  const made = {
    fake,
    registry,
    pods,
    /** A node that was made long ago, as most are. */
    addNode: (parts: NodeParts): Json => fake.addNode({ createTime: "2020-01-01T00:00:00Z", ...parts }),
    /** The digest that a tag has now. */
    digest: (tag: string) => digestNow(registry.origin, tag),
    service: {
      get address() {
        return address;
      },
      async start() {
        const text = JSON.stringify({
          grpc: { address },
          shutdown: { wait: "0s", grace: "1s" },
          sources: [lab],
        });
        const config = parseConfig(text, { directory: "/nowhere", isTerminal: false, now: Date.now() });
        server = await startServer(config, pino({ level: "silent" }));
        address = server.address;
      },
      async stop() {
        await server?.stop(0);
        server = undefined;
      },
    },
    /** The nodes that hold an image, as the service says. */
    async holders(tagName: string): Promise<string[]> {
      const client = createClient(ImageSourceService, grpcTransport(address));
      try {
        return [...((await client.imageForTagName({ tagName })).image?.nodes ?? [])].sort();
      } catch (error) {
        if (ConnectError.from(error).code === Code.Unavailable) return []; // has not begun yet
        throw error;
      }
    },
    /** How often the service was asked, or asked by itself. */
    listings: () => registry.received("GET", /tags\/list$/).length,
    /** A prepuller that has not begun to work; with a clock, it does nothing that time does until that time has passed. */
    async open(settings: Settings = {}, clock?: ManualClock): Promise<Running> {
      const config = { ...defaults(), ...(clock && still), ...settings };
      const one = await runningPrepuller(config, fake, clock);
      running.add(one);
      return one;
    },
    /** A prepuller at work. */
    async run(settings: Settings = {}, clock?: ManualClock): Promise<Running> {
      const one = await made.open(settings, clock);
      one.run();
      return one;
    },
  };

  function defaults(): PrepullerConfig {
    const text = JSON.stringify({ kubeconfig: fake.kubeconfig, service: { url: `http://${address}` } });
    const config = parsePrepullerConfig(text, { directory: "/nowhere", isTerminal: false });
    return {
      ...config,
      refreshInterval: 100,
      requestsPerSecond: 10_000,
      metrics: { address: "127.0.0.1:0" },
    };
  }

  onTestFinished(async () => {
    await Promise.all([...running].map((one) => one.stop()));
    await Promise.all([made.service.stop(), fake.close(), registry.close()]);
    expect(pods.mostOnOneNode, "pods on one node at once").toBeLessThanOrEqual(1);
  });
  for (const node of nodes) made.addNode(typeof node === "string" ? { name: node } : node);
  await made.service.start();
  return made;
}

async function digestNow(origin: string, tag: string): Promise<string> {
  const response = await fetch(`${origin}/v2/${repository}/manifests/${tag}`, { method: "HEAD" });
  return response.headers.get("docker-content-digest") ?? "";
}

/** Waits until something is so. The limit only ends a test that has failed. */
export async function until(what: string, isSo: () => unknown | Promise<unknown>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The same, while time passes. */
export async function untilInTime(
  clock: ManualClock,
  what: string,
  isSo: () => unknown | Promise<unknown>,
  step = 250,
): Promise<void> {
  await until(what, async () => {
    if (await isSo()) return true;
    await clock.pass(step);
    return false;
  });
}

/** A clock that stands still, at a time that others take for now. */
export const stoppedClock = (): ManualClock => manualClock(Date.now());
