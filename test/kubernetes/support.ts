/**
 * What tests of the cluster have in common: a fake API and a cluster opened on it, both of which end with the test.
 */
import pino from "pino";
import { onTestFinished } from "vitest";
import type { Clock } from "../../src/async/clock.ts";
import type { ClusterNode } from "../../src/domain/cluster-node.ts";
import type { Cluster, Feed, PullRequest } from "../../src/kubernetes/cluster.ts";
import { type ClusterOptions, type OpenCluster, openCluster } from "../../src/kubernetes/open-cluster.ts";
import type { Logger } from "../../src/observability/logger.ts";
import {
  type FakeKubernetes,
  type FakeKubernetesOptions,
  fakeKubernetes,
} from "../support/kubernetes-api.ts";
import { manualClock } from "../support/kubernetes-clock.ts";
import { digestOf } from "../support/kubernetes-objects.ts";
import type { OpenWatch } from "../support/kubernetes-watches.ts";

export const never = new AbortController().signal;
export const owner = { name: "prepuller", uid: "1b4d5a0e-0000-4000-8000-000000000000" };

export async function startFake(options: FakeKubernetesOptions = {}): Promise<FakeKubernetes> {
  const fake = await fakeKubernetes(options);
  onTestFinished(() => fake.close());
  return fake;
}

export const defaults: Omit<ClusterOptions, "kubeconfig"> = {
  namespace: undefined,
  nodeSelector: {},
  tolerations: [],
  pullTimeout: 600_000,
  requestsPerSecond: 1_000,
  pod: {
    command: ["/bin/true"],
    pullSecret: undefined,
    priorityClassName: undefined,
    labels: {},
    annotations: {},
    resources: { requests: { cpu: "1m", memory: "16Mi" }, limits: { cpu: "100m", memory: "16Mi" } },
  },
  lease: { name: owner.name, duration: 15_000 },
};

export interface RecordedLog {
  readonly log: Logger;
  /** Level and message of all that was said. */
  readonly lines: string[];
}

export function recordedLog(): RecordedLog {
  const lines: string[] = [];
  const write = (text: string) => {
    const { level, msg } = JSON.parse(text);
    lines.push(`${pino.levels.labels[level]} ${msg}`);
  };
  return { log: pino({ level: "debug" }, { write }), lines };
}

export interface Opened extends OpenCluster {
  /** Its feeds, which end with the test. */
  watched(): Cluster;
  readonly log: readonly string[];
}

export async function open(
  { kubeconfig }: Pick<FakeKubernetes, "kubeconfig">,
  options: Partial<ClusterOptions> = {},
  clock?: Clock,
): Promise<Opened> {
  const { log, lines } = recordedLog();
  const cluster = await openCluster({ kubeconfig, ...defaults, ...options }, log, clock);
  const ending = new AbortController();
  onTestFinished(async () => {
    ending.abort(new Error("the test has ended"));
    await cluster.close();
  });
  return { ...cluster, log: lines, watched: () => cluster.watch(ending.signal) };
}

/** A node `n1` that is listed and watched, by a clock that the test moves. */
export async function watching() {
  const clock = manualClock();
  const fake = await startFake();
  fake.addNode({ name: "n1" });
  const cluster = await open(fake, {}, clock);
  const { nodes } = cluster.watched();
  await nodes.listed;
  await fake.arrival("watch nodes", 1);
  return { fake, nodes, clock, log: cluster.log };
}

/** The only open watch of nodes. */
export function theWatch(fake: FakeKubernetes): OpenWatch {
  const [watch] = fake.watches("nodes");
  if (!watch) throw new Error("nobody watches");
  return watch;
}

/** What a log says to who has not asked for more. */
export const spoken = (log: readonly string[]) => log.filter((line) => !line.startsWith("debug"));

/** Waits until what is known of a thing is so. */
export async function seen<T extends { readonly name: string }>(
  feed: Feed<T>,
  name: string,
  isSo: (item: T | undefined) => boolean,
): Promise<T | undefined> {
  await feed.listed;
  return await new Promise((resolve) => {
    const look = () => {
      const item = feed.items.get(name);
      if (!isSo(item)) return;
      stop();
      resolve(item);
    };
    const stop = feed.onChange(look);
    look();
  });
}

/** A pull of the image of that text. */
export function pullOf(image: string, node: ClusterNode): PullRequest {
  const digest = digestOf(image);
  return { digest, tag: image, reference: `registry.example.org/sciplat/lab:${image}@${digest}`, node };
}

/** A node that only its name and UID matter of. */
export function nodeNamed(name: string, uid = `uid-of-${name}`): ClusterNode {
  const flags = { isReady: true, isUnschedulable: false, isDeleting: false };
  return { name, uid, architecture: "amd64", createTime: 0, ...flags, taints: [], images: [] };
}
