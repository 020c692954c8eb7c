/**
 * What follows from the end of a pull: it is told and counted, remembered and marked, and its pod is deleted. In this
 * order, so that the pod is the record of what is not marked yet. When a pull has come to its end is `pull-end.ts`.
 */
import type { Clock } from "../async/clock.ts";
import type { Cluster } from "../kubernetes/cluster.ts";
import type { Logger } from "../observability/logger.ts";
import type { PrepullMetrics } from "../observability/prepull-metrics.ts";
import type { Knowledge } from "./knowledge.ts";
import type { EndedPull } from "./pull-image.ts";
import type { UnderWay } from "./under-way.ts";

export interface ConcludeParts {
  readonly cluster: Pick<Cluster, "deletePod">;
  readonly metrics: PrepullMetrics;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Rejects only with the signal's reason. */
export async function concludePull(
  { node, digest, reference: image, since }: UnderWay,
  { pod, end }: EndedPull,
  knowledge: Knowledge,
  { cluster, metrics, log, clock }: ConcludeParts,
  signal: AbortSignal,
): Promise<void> {
  switch (end.kind) {
    case "pulled": {
      const seconds = (clock.now() - since) / 1000;
      log.info({ node, image, seconds }, "pulled");
      metrics.pullSucceeded(seconds);
      await knowledge.pulled(node, digest, end.digest);
      break;
    }
    case "failed":
      log.warn({ node, image, reason: end.reason }, `not pulled: ${end.message || end.reason}`);
      metrics.pullFailed(end.reason);
      knowledge.failed(node, digest, end);
      break;
    case "node vanished":
      log.warn({ node, image }, "not pulled: the node vanished");
      metrics.pullFailed(end.kind);
  }
  if (!pod) return;
  try {
    await cluster.deletePod(pod, signal);
  } catch (err) {
    signal.throwIfAborted();
    log.warn({ err, pod: pod.name }, "cannot delete the pod of a pull that has ended");
  }
}
