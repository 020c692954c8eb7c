/**
 * The metrics of the prepuller.
 */
import { Metrics } from "./metrics.ts";

export interface PrepullProgress {
  /** Pairs of an eligible node and an image that it should hold; and those of which it does. */
  readonly wanted: number;
  readonly present: number;
  /** Numbers of nodes. */
  readonly eligible: number;
  readonly ineligible: number;
  /** Names of the nodes that are stuck with a pull. */
  readonly stuck: readonly string[];
}

const prefix = "image_source_prepuller";

/** From an image whose layers are there already to one of 20 GB over a slow line. */
const buckets = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800];

/**
 * Reasons of failures that are counted by themselves: those of kubelets, API servers and our own. A kubelet may say
 * anything, and every value of a label is kept for ever, so that what is not here is counted as `other`.
 */
const reasons: ReadonlySet<string> = new Set([
  // a container that waits
  ...["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"],
  ...["RegistryUnavailable", "SignatureValidationFailed"],
  ...["CreateContainerConfigError", "CreateContainerError", "RunContainerError"],
  // a pod that the node did not take, or gave up
  ...["OutOfpods", "OutOfcpu", "OutOfmemory", "NodeAffinity", "UnexpectedAdmissionError", "Evicted"],
  ...["NodeShutdown", "Terminated", "DeadlineExceeded", "Failed", "NoImageID"],
  // a pod that the API server did not take
  ...["Forbidden", "Invalid", "NotFound", "AlreadyExists", "Conflict", "Unauthorized", "BadRequest"],
  ...["TooManyRequests", "InternalError", "ServiceUnavailable", "Timeout", "ServerTimeout"],
  // what we say ourselves
  ...["evicted", "pod vanished", "node vanished", "refused", "cluster unavailable", "internal"],
]);
const otherReason = "other";

export class PrepullMetrics {
  readonly #metrics = new Metrics();
  readonly #started = this.#metrics.counter(`${prefix}_pulls_started_total`, "Pulls that were begun.");
  readonly #succeeded = this.#metrics.counter(
    `${prefix}_pulls_succeeded_total`,
    "Pulls after which the node holds the image.",
  );
  readonly #failed = this.#metrics.counter(
    `${prefix}_pulls_failed_total`,
    "Pulls that ended without the image, by the reason that was given.",
    ["reason"],
  );
  readonly #duration = this.#metrics.histogram(
    `${prefix}_pull_duration_seconds`,
    "How long pulls took that succeeded.",
    buckets,
  );
  readonly #wanted = this.#metrics.gauge(
    `${prefix}_images_wanted`,
    "Images that eligible nodes should hold, counted once for each node.",
  );
  readonly #present = this.#metrics.gauge(
    `${prefix}_images_present`,
    "Of the wanted images, those that are on their nodes.",
  );
  readonly #eligible = this.#metrics.gauge(`${prefix}_nodes_eligible`, "Nodes that images are pulled on.");
  readonly #ineligible = this.#metrics.gauge(
    `${prefix}_nodes_ineligible`,
    "Nodes that match the node selector and cannot be pulled on now.",
  );
  readonly #stuck = this.#metrics.gauge(
    `${prefix}_nodes_stuck`,
    "Nodes on which a pull has not ended in time, and nothing else is pulled.",
  );
  readonly #nodeStuck = this.#metrics.gauge(
    `${prefix}_node_stuck`,
    "1 for each node that is stuck; others are left out.",
    ["node"],
  );

  pullStarted(): void {
    this.#started.inc();
  }

  pullSucceeded(seconds: number): void {
    this.#succeeded.inc();
    this.#duration.observe(Math.max(0, seconds));
  }

  pullFailed(reason: string): void {
    this.#failed.inc({ reason: reasons.has(reason) ? reason : otherReason });
  }

  /** How things are now, instead of what was told before. */
  progress({ wanted, present, eligible, ineligible, stuck }: PrepullProgress): void {
    this.#wanted.set(wanted);
    this.#present.set(present);
    this.#eligible.set(eligible);
    this.#ineligible.set(ineligible);
    this.#stuck.set(stuck.length);
    this.#nodeStuck.reset();
    for (const node of stuck) this.#nodeStuck.set({ node }, 1);
  }

  text(): Promise<string> {
    return this.#metrics.text();
  }
}
