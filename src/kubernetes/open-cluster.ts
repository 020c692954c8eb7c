/**
 * One cluster, put together: who we are there, how often it is asked, what is read of it, its pods and its lease.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type Clock, systemClock } from "../async/clock.ts";
import { Pacing } from "../async/pacing.ts";
import type { Logger } from "../observability/logger.ts";
import { KubernetesApi } from "./api.ts";
import type { Cluster } from "./cluster.ts";
import { Credentials } from "./credentials.ts";
import { FeedLoop, type FeedSource } from "./feed-loop.ts";
import { ImagePool } from "./image-pool.ts";
import { loadKubeconfig } from "./kubeconfig.ts";
import type { HeldLease } from "./lease.ts";
import { LeaseClient } from "./lease-client.ts";
import { acquireLease } from "./lease-election.ts";
import { readNode } from "./node-reading.ts";
import type { PodOptions } from "./pod-manifest.ts";
import { labelSelector, ownLabels } from "./pod-marks.ts";
import { readPullPod } from "./pod-reading.ts";
import { PullPods } from "./pull-pods.ts";
import { ResourceFeed } from "./resource-feed.ts";
import { usersAreWaiting } from "./user-pods.ts";

export interface ClusterOptions extends PodOptions {
  /** Path; undefined: the cluster that we run in, then the usual places. */
  readonly kubeconfig: string | undefined;
  /** Undefined: our own, then `default`. */
  readonly namespace: string | undefined;
  /** Labels that a node has to have. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly requestsPerSecond: number;
  readonly lease: {
    readonly name: string;
    /** Milliseconds. */
    readonly duration: number;
  };
}

export interface OpenCluster {
  /** Where pods and lease are. */
  readonly namespace: string;
  /** Reads nodes and pods from now on, until the signal is aborted. */
  watch(signal: AbortSignal): Cluster;
  /** Waits until the lease is ours; `onWaiting` is told its holder, whenever that is another one. */
  acquireLease(signal: AbortSignal, onWaiting?: (holder: string) => void): Promise<HeldLease>;
  /** Waits only for what may be a dead holder. Fails with `LeaseHeldError`, or `ClusterError`. */
  tryAcquireLease(signal: AbortSignal): Promise<HeldLease>;
  /** Nothing can be asked any more. */
  close(): Promise<void>;
}

/** Fails where the kubeconfig cannot be used. Nothing is asked of the cluster yet. */
export async function openCluster(
  options: ClusterOptions,
  log: Logger,
  clock: Clock = systemClock,
): Promise<OpenCluster> {
  const { kubeconfig, nodeSelector, requestsPerSecond, lease } = options;
  const load = () => loadKubeconfig(kubeconfig);
  const config = await load();
  const context = config.getContextObject(config.getCurrentContext());
  const namespace = options.namespace ?? (context?.namespace?.trim() || "default");
  const pacing = new Pacing(requestsPerSecond, clock);
  const api = new KubernetesApi(new Credentials(config, load, clock), pacing);
  const pods = new PullPods(api, namespace, options, clock);
  const pool = new ImagePool();

  const nodeSource = {
    what: "nodes",
    path: "/api/v1/nodes",
    query: selecting(nodeSelector),
    read: (value: unknown) => readNode(value, pool),
  };
  const podSource = {
    what: "pods",
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: selecting(ownLabels(lease.name)),
    read: readPullPod,
  };

  function feed<T extends { readonly name: string }>(source: FeedSource<T>, signal: AbortSignal) {
    const things = new ResourceFeed<T>();
    // It ends by the signal only.
    new FeedLoop(things, source, { api, log, clock }).run(signal).catch(() => {});
    return things;
  }

  // A request that takes longer than a third of it comes too late to be of use.
  const client = new LeaseClient(api, namespace, lease.name, Math.min(10_000, lease.duration / 3));
  const holding = { identity: `${hostname()}_${randomUUID()}`, durationMs: lease.duration };
  const leaseParts = { client, holding, log, clock };

  return {
    namespace,
    watch: (signal) => ({
      nodes: feed(nodeSource, signal),
      pods: feed(podSource, signal),
      createPod: (pull, owner, ending) => pods.create(pull, owner, ending),
      deletePod: (pod, ending) => pods.delete(pod, ending),
      usersAreWaiting: (node, ending) => usersAreWaiting(api, node, clock, ending),
    }),
    acquireLease: (signal, onWaiting) => acquireLease(leaseParts, { onWaiting }, signal),
    tryAcquireLease: (signal) => acquireLease(leaseParts, { onlyIfFree: true }, signal),
    close: () => api.close(),
  };
}

function selecting(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.keys(labels).length === 0 ? {} : { labelSelector: labelSelector(labels) };
}
