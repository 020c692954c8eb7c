/**
 * How far the prepuller has come: for people, for metrics, and for the end of `--once`.
 */
import { fitsArchitecture } from "../domain/architecture.ts";
import type { ClusterNode } from "../domain/cluster-node.ts";
import { isHeld } from "../domain/node-memory.ts";
import type { WantedImage } from "../domain/wanted-image.ts";
import type { Cluster } from "../kubernetes/cluster.ts";
import type { Prepuller } from "./prepuller.ts";
import type { UnderWay } from "./under-way.ts";

/** Counted are pairs of a node and an image that it should hold. */
export interface Progress {
  readonly wanted: number;
  readonly present: number;
  /** Of those that are not present: the last attempt ended without the image. */
  readonly failed: number;
  readonly eligible: number;
  readonly ineligible: number;
  readonly underWay: readonly UnderWay[];
}

export function progressOf(prepuller: Prepuller): Progress {
  const { eligible, ineligible, wantedCount, presentCount, waitingCount } = prepuller.plan();
  return {
    wanted: wantedCount,
    present: presentCount,
    failed: waitingCount,
    eligible,
    ineligible: ineligible.length,
    underWay: prepuller.underWay,
  };
}

/** An image that is not where it should be. */
export interface Missing {
  /** Empty: on no node, since it cannot be pulled at all. */
  readonly node: string;
  readonly image: string;
  readonly reason: string;
}

export interface RoundReport {
  readonly eligible: number;
  readonly ineligible: readonly { readonly node: string; readonly reason: string }[];
  /** Pairs of a node and an image. */
  readonly wanted: number;
  readonly missing: readonly Missing[];
}

export function reportOf(prepuller: Prepuller, { nodes }: Pick<Cluster, "nodes">): RoundReport {
  const { ineligible, withoutDigest, wantedCount } = prepuller.plan();
  const out = new Set(ineligible.map(({ node }) => node.name));
  const eligible = [...nodes.items.values()].filter(({ name }) => !out.has(name));
  return {
    eligible: eligible.length,
    ineligible: ineligible.map(({ node, reason }) => ({ node: node.name, reason })),
    wanted: wantedCount,
    missing: [
      ...withoutDigest.map(({ reference }) => ({ node: "", image: reference, reason: "no digest" })),
      ...eligible.flatMap((node) => missingOn(node, prepuller)),
    ],
  };
}

function missingOn(node: ClusterNode, { knowledge, underWay }: Prepuller): Missing[] {
  const { images, answeredAt } = knowledge.wanted;
  const memory = knowledge.machines.of(node);
  const stuck = underWay.find((pull) => pull.node === node.name && pull.isStuck);
  const fitting = images.filter(
    ({ digest, architecture }) => digest !== "" && fitsArchitecture(architecture, node.architecture),
  );
  return fitting
    .filter((image) => !isHeld(node, memory, image, answeredAt))
    .map((image) => ({ node: node.name, image: image.reference, reason: reasonFor(image) }));

  function reasonFor({ digest }: WantedImage): string {
    if (stuck) return stuck.digest === digest ? "stuck" : `the node is stuck with ${stuck.reference}`;
    const { reason = "", message = "" } = memory.images.get(digest) ?? {};
    if (reason === "") return "not tried";
    return message === "" ? reason : `${reason}: ${message}`;
  }
}
