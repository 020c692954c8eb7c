/**
 * What the log is told of rounds and of nodes that come, go, and change between eligible and not. Pulls speak for
 * themselves.
 */
import type { ClusterNode, Toleration } from "../domain/cluster-node.ts";
import { ineligibleReason } from "../domain/eligibility.ts";
import type { RoundPlan } from "../domain/prepull-plan.ts";
import type { Logger } from "../observability/logger.ts";

export class Announcements {
  readonly #log: Logger;
  readonly #tolerations: readonly Toleration[];
  /** Images without a digest that were reported. */
  #told: ReadonlySet<string> = new Set();

  constructor(log: Logger, tolerations: readonly Toleration[]) {
    this.#log = log;
    this.#tolerations = tolerations;
  }

  round({
    eligible,
    ineligible,
    withoutDigest,
    wantedCount: wanted,
    presentCount: present,
  }: RoundPlan): void {
    this.#log.info({ eligible, ineligible: ineligible.length, wanted, present }, "a round");
    const images = withoutDigest.map(({ reference }) => reference);
    for (const image of images) {
      if (!this.#told.has(image)) this.#log.warn({ image }, "no digest: the image cannot be pulled");
    }
    this.#told = new Set(images);
  }

  node(before: ClusterNode | undefined, after: ClusterNode | undefined): void {
    const node = (before ?? after)?.name;
    const was = before && ineligibleReason(before, this.#tolerations);
    const reason = after && ineligibleReason(after, this.#tolerations);
    if (was === reason) return;
    if (reason === undefined) this.#log.info({ node }, "a node is gone");
    else if (reason !== "") this.#log.info({ node, reason }, "a node is not eligible");
    else if (was) this.#log.info({ node }, "a node is eligible again");
    else this.#log.debug({ node }, "a node is eligible");
  }
}
