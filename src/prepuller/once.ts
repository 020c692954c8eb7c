/**
 * One round: every image that is wanted is tried once on every eligible node.
 */
import { withDeadline } from "../async/deadline.ts";
import type { Cluster } from "../kubernetes/cluster.ts";
import type { Prepuller } from "./prepuller.ts";
import { type RoundReport, reportOf } from "./report.ts";
import type { AskFailure } from "./wanted.ts";

export interface OnceResult {
  readonly report: RoundReport;
  /** What could not be asked. */
  readonly failures: readonly AskFailure[];
  /** How often the service has not heard that an image is on a node. */
  readonly unheard: number;
}

/** Feeds try for ever; what keeps one round from its nodes for so long (a missing right) will not pass by itself. */
const listMs = 60_000;
/** How long the service is waited for at the end, where it has not heard everything. */
const hearMs = 15_000;

/** Rejects with the signal's reason, and where the API server lists neither nodes nor pods. */
export async function prepullOnce(
  prepuller: Prepuller,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<OnceResult> {
  const notListed = () => new Error(`nodes and pods could not be listed within ${listMs / 1000} s`);
  await withDeadline(listMs, notListed, () => prepuller.start(), signal);
  const failures = await prepuller.round();
  await prepuller.idle();
  await prepuller.knowledge.heard(hearMs);
  return { report: reportOf(prepuller, cluster), failures, unheard: prepuller.knowledge.pendingMarks };
}

/** Deletes the pods of pulls that are under way, but for the stuck ones: they are the record of what hangs. */
export async function deleteOwnPods(
  prepuller: Prepuller,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const stuck = new Set(prepuller.underWay.filter((pull) => pull.isStuck).map(({ node }) => node));
  const pods = [...cluster.pods.items.values()].filter(({ node }) => !stuck.has(node));
  await Promise.allSettled(pods.map((pod) => cluster.deletePod(pod, signal)));
}
