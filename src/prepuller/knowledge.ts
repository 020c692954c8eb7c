/**
 * What is known: what the sources want, what happened on which machine, and what the service has still to hear of it.
 * Makes no pods; what follows for a node or a round is decided in `domain/prepull-plan.ts`.
 */
import type { Client } from "@connectrpc/connect";
import type { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import type { Clock } from "../async/clock.ts";
import type { ClusterNode, Toleration } from "../domain/cluster-node.ts";
import { ineligibleReason } from "../domain/eligibility.ts";
import { type NodePlan, planNode, planRound, type RoundPlan } from "../domain/prepull-plan.ts";
import type { Cluster } from "../kubernetes/cluster.ts";
import type { Logger } from "../observability/logger.ts";
import { Machines } from "./machines.ts";
import { type Mark, Marks } from "./marks.ts";
import type { PullEnd } from "./pull-end.ts";
import { type AskFailure, Wanted } from "./wanted.ts";

export interface KnowledgeOptions {
  /** Names of the sources; empty: the first one of the service. */
  readonly sources: readonly string[];
  readonly tolerations: readonly Toleration[];
  /** How late a node may list an image that is there, in milliseconds. */
  readonly nodeStatusLag: number;
  /** How many images a node lists at most; -1: all. */
  readonly nodeStatusMaxImages: number;
}

export interface KnowledgeParts {
  readonly cluster: Pick<Cluster, "nodes">;
  readonly rpc: Client<typeof ImageSourceService>;
  readonly log: Logger;
  readonly clock: Clock;
}

export class Knowledge {
  readonly #parts: KnowledgeParts;
  readonly #options: KnowledgeOptions;
  readonly #signal: AbortSignal;
  readonly machines: Machines;
  readonly #marks: Marks;
  readonly wanted: Wanted;

  constructor(parts: KnowledgeParts, options: KnowledgeOptions, signal: AbortSignal) {
    const { rpc, log, clock } = parts;
    this.#parts = parts;
    this.#options = options;
    this.#signal = signal;
    this.machines = new Machines({ ...options, random: () => clock.random() });
    this.#marks = new Marks(rpc, (mark) => this.#isTrue(mark), log, clock, signal);
    this.wanted = new Wanted(rpc, options.sources);
  }

  /** How many marks the service has not heard yet. */
  get pendingMarks(): number {
    return this.#marks.pending;
  }

  /** Settles when the service has heard all marks, or after so many milliseconds. */
  heard(milliseconds: number): Promise<void> {
    return this.#marks.heard(milliseconds);
  }

  node(name: string): ClusterNode | undefined {
    return this.#parts.cluster.nodes.items.get(name);
  }

  /** The node of that name, where something may be pulled to it. */
  eligibleNode(name: string): ClusterNode | undefined {
    const node = this.node(name);
    return node && this.ineligibleReason(node) === "" ? node : undefined;
  }

  /** Empty: eligible. */
  ineligibleReason(node: ClusterNode): string {
    return ineligibleReason(node, this.#options.tolerations);
  }

  planNode(node: ClusterNode): NodePlan {
    const { images, answeredAt } = this.wanted;
    return planNode(node, images, this.machines.of(node), this.#parts.clock.now(), answeredAt);
  }

  planRound(busy: ReadonlySet<string>): RoundPlan {
    const { cluster, clock } = this.#parts;
    const { images, answeredAt } = this.wanted;
    const { tolerations } = this.#options;
    const { memories } = this.machines;
    return planRound(
      cluster.nodes.items.values(),
      images,
      memories,
      busy,
      tolerations,
      clock.now(),
      answeredAt,
    );
  }

  /** Asks the service what is wanted, with the nodes as they are. Gives what could not be asked. */
  async ask(): Promise<readonly AskFailure[]> {
    const { nodes } = this.#parts.cluster;
    const { tolerations, nodeStatusLag, nodeStatusMaxImages: maxImages } = this.#options;
    for (const node of nodes.items.values()) this.see(node);
    const { memories } = this.machines;
    const now = { nodes: [...nodes.items.values()], readAt: nodes.readTime, lag: nodeStatusLag };
    const answer = await this.wanted.ask({ ...now, memories, tolerations, maxImages }, this.#signal);
    for (const warning of answer.warnings) this.#parts.log.warn(warning);
    const uids = [...nodes.items.values()].map(({ uid }) => uid);
    if (answer.failures.length === 0) this.machines.keepOnly(this.wanted.digests, new Set(uids));
    void this.#marks.add(this.#unheard());
    return answer.failures;
  }

  /** Looks at what a node lists now. */
  see(node: ClusterNode): void {
    const { cluster, clock, log } = this.#parts;
    for (const digest of this.machines.listed(node, cluster.nodes.readTime, clock.now())) {
      const image = this.wanted.image(digest)?.reference ?? digest;
      log.warn({ node: node.name, image }, "evicted: the image was pulled, and is not there any more");
    }
  }

  forget(node: ClusterNode): void {
    this.machines.forget(node);
  }

  /** Settles when the service has heard of it, or when it is clear that this takes longer. */
  async pulled(name: string, digest: string, listedAs: string): Promise<void> {
    const node = this.node(name);
    if (!node) return;
    this.machines.pulled(node, digest, this.#parts.clock.now(), listedAs === digest ? "" : listedAs);
    await this.#marks.add(this.#marksOf(digest, name));
  }

  failed(name: string, digest: string, { reason, message }: Extract<PullEnd, { kind: "failed" }>): void {
    const node = this.node(name);
    if (node) this.machines.failed(node, digest, reason, message, this.#parts.clock.now());
  }

  #marksOf(digest: string, node: string): Mark[] {
    const wants = this.wanted.image(digest)?.wants ?? [];
    return wants.map(({ source, reference }) => ({ source, reference, digest, node }));
  }

  /** What was pulled and the service does not know: it was restarted, or believes a list that is older. */
  #unheard(): Mark[] {
    const marks: Mark[] = [];
    for (const node of this.#parts.cluster.nodes.items.values()) {
      for (const [digest, { pulledAt }] of this.machines.of(node).images) {
        const isKnown = this.wanted.image(digest)?.nodes.has(node.name) ?? true;
        if (pulledAt !== undefined && !isKnown) marks.push(...this.#marksOf(digest, node.name));
      }
    }
    return marks;
  }

  #isTrue({ digest, node: name }: Mark): boolean {
    const node = this.node(name);
    const isThere = node && this.machines.of(node).images.get(digest)?.pulledAt !== undefined;
    return isThere === true && this.wanted.image(digest) !== undefined;
  }
}
