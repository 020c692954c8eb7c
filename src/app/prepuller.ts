/**
 * The prepuller, put together: the way to the service, the cluster, the lease, the port for operators; and how it
 * starts, works and ends.
 */
import { abortable } from "../async/abortable.ts";
import { type Clock, systemClock } from "../async/clock.ts";
import { openServiceClient } from "../client/service-client.ts";
import type { PrepullerConfig } from "../config/prepuller-config.ts";
import { isLoopback } from "../domain/host.ts";
import type { Cluster } from "../kubernetes/cluster.ts";
import type { HeldLease } from "../kubernetes/lease.ts";
import { openCluster } from "../kubernetes/open-cluster.ts";
import type { Logger } from "../observability/logger.ts";
import { PrepullMetrics } from "../observability/prepull-metrics.ts";
import { processMetrics } from "../observability/process-metrics.ts";
import { deleteOwnPods, type OnceResult, prepullOnce } from "../prepuller/once.ts";
import { Prepuller } from "../prepuller/prepuller.ts";
import { type Progress, progressOf } from "../prepuller/report.ts";
import { keepPrepulling } from "../prepuller/rounds.ts";
import { opsHandler, startOpsServer } from "../servers/ops-server.ts";

export type { OnceResult } from "../prepuller/once.ts";
export type { Progress } from "../prepuller/report.ts";

export interface OpenPrepuller {
  /** Where probes and metrics are answered: `host:port`. */
  readonly address: string;
  /** Works whenever the lease is ours, until the signal is aborted; rejects with its reason. */
  run(signal: AbortSignal): Promise<never>;
  /** One round. Rejects with the signal's reason, or with `LeaseHeldError`. */
  runOnce(signal: AbortSignal): Promise<OnceResult>;
  /** Undefined where nothing is known yet. */
  progress(): Progress | undefined;
  close(): Promise<void>;
}

/** How long the end of an interrupted round may take, in milliseconds. */
const cleanUpMs = 10_000;

/** Fails where a file that is named cannot be used, or an address is taken. Nothing is asked of a cluster yet. */
export async function openPrepuller(
  config: PrepullerConfig,
  log: Logger,
  clock: Clock = systemClock,
): Promise<OpenPrepuller> {
  const { url, tokenFile } = config.service;
  const service = openServiceClient(config.service, log);
  if (tokenFile !== undefined && url.startsWith("http:") && !isLoopback(new URL(url).host))
    log.warn({ url }, "the token is sent in the clear: anyone on the way can read it");
  const kube = await openCluster(config, log, clock);
  const metrics = new PrepullMetrics();
  let prepuller: Prepuller | undefined;
  /** What is missing before it is ready; empty: nothing. */
  let missing = "the lease was not read yet";

  const ops = await startOpsServer(
    config.metrics.address,
    opsHandler({
      isReady: () => missing,
      metrics: async () => {
        if (prepuller) metrics.progress(metricsOf(progressOf(prepuller)));
        return (await metrics.text()) + (await processMetrics());
      },
      onBug: (err) => log.error({ err }, "a probe failed by a fault of the prepuller"),
    }),
    log,
  );

  /** Does the work with all that ends with the lease. */
  async function whileHeld<T>(
    lease: HeldLease,
    signal: AbortSignal,
    work: (prepuller: Prepuller, cluster: Cluster, signal: AbortSignal) => Promise<T>,
    retries: boolean,
  ): Promise<T> {
    const ending = new AbortController();
    const working = AbortSignal.any([signal, lease.lost, ending.signal]);
    try {
      const cluster = kube.watch(working);
      const { rpc } = service;
      const { name, uid } = lease;
      const parts = { cluster, owner: { name, uid }, rpc, metrics, log, clock };
      prepuller = new Prepuller(parts, config, retries, working);
      return await work(prepuller, cluster, working);
    } finally {
      prepuller = undefined;
      ending.abort(new Error("the work has ended"));
      await lease.release();
    }
  }

  async function work(own: Prepuller, _: Cluster, signal: AbortSignal): Promise<never> {
    missing = "nodes and pods were not listed yet";
    const onRound = (failures: readonly unknown[]) => {
      missing = failures.length === 0 ? "" : "the service does not answer";
    };
    const { refreshInterval } = config;
    return await keepPrepulling(own, { refreshInterval, log, clock, onRound }, signal);
  }

  /** By a list of its own: of a pod that was made a moment ago, the one that the round saw need not know. */
  async function cleanUp(own: Prepuller): Promise<void> {
    const ending = new AbortController();
    const limited = AbortSignal.any([ending.signal, AbortSignal.timeout(cleanUpMs)]);
    try {
      const cluster = kube.watch(limited);
      await abortable(cluster.pods.listed, limited);
      await deleteOwnPods(own, cluster, limited);
    } catch (err) {
      log.warn({ err }, "cannot delete the pods of the round: some may be left");
    } finally {
      ending.abort(new Error("all is deleted"));
    }
  }

  return {
    address: ops.address,
    progress: () => prepuller && progressOf(prepuller),
    async run(signal) {
      for (;;) {
        const lease = await kube.acquireLease(signal, (holder) => {
          missing = "";
          log.info({ holder }, "waiting: another prepuller holds the lease");
        });
        log.info({ lease: lease.name }, "holding the lease");
        try {
          await whileHeld(lease, signal, work, true);
        } catch (error) {
          signal.throwIfAborted();
          if (!lease.lost.aborted) throw error;
          log.warn({ err: lease.lost.reason }, "the lease is lost: pods are left to its new holder");
        }
      }
    },
    async runOnce(signal) {
      const lease = await kube.tryAcquireLease(signal);
      return await whileHeld(
        lease,
        signal,
        async (own, cluster, working) => {
          try {
            return await prepullOnce(own, cluster, working);
          } catch (error) {
            if (signal.aborted && !lease.lost.aborted) await cleanUp(own);
            throw error;
          }
        },
        false,
      );
    },
    async close() {
      service.close();
      await ops.close();
      await kube.close();
    },
  };
}

function metricsOf({ underWay, ...counts }: Progress) {
  return { ...counts, stuck: underWay.filter(({ isStuck }) => isStuck).map(({ node }) => node) };
}
