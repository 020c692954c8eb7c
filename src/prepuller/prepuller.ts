/**
 * The prepuller at work on one cluster: which pulls are started when, and what follows from their ends. When the
 * service is asked is `rounds.ts`; what is known is `knowledge.ts`.
 *
 * Everything ends with the signal, which is also that of the lease: nothing is made or marked from then on.
 */
import { abortable } from "../async/abortable.ts";
import type { ClusterNode } from "../domain/cluster-node.ts";
import type { RoundPlan } from "../domain/prepull-plan.ts";
import type { PullPod } from "../domain/pull-pod.ts";
import type { WantedImage } from "../domain/wanted-image.ts";
import type { Cluster, Owner } from "../kubernetes/cluster.ts";
import type { PrepullMetrics } from "../observability/prepull-metrics.ts";
import { Announcements } from "./announcements.ts";
import { concludePull } from "./conclude-pull.ts";
import { type FollowOptions, followPod } from "./follow-pod.ts";
import { Knowledge, type KnowledgeOptions, type KnowledgeParts } from "./knowledge.ts";
import { NodeQueue } from "./node-queue.ts";
import { type EndedPull, pullImage } from "./pull-image.ts";
import { PullsUnderWay, type UnderWay } from "./under-way.ts";
import { UsersFirst, usersIntervalMs } from "./users-first.ts";
import type { AskFailure } from "./wanted.ts";

export interface PrepullerOptions extends KnowledgeOptions {
  readonly maxConcurrentNodes: number;
  /** How long a pull is waited for, in milliseconds. */
  readonly pullTimeout: number;
  readonly waitForUsers: boolean;
}

export interface PrepullerParts extends KnowledgeParts {
  readonly cluster: Cluster;
  readonly owner: Owner;
  readonly metrics: PrepullMetrics;
}

export class Prepuller {
  readonly knowledge: Knowledge;
  readonly #parts: PrepullerParts;
  readonly #options: PrepullerOptions;
  readonly #retries: boolean;
  readonly #signal: AbortSignal;
  readonly #users: UsersFirst | undefined;
  readonly #underWay = new PullsUnderWay();
  readonly #queue: NodeQueue;
  readonly #announcements: Announcements;
  #whenIdle = () => {};

  /** `retries`: whether what failed is tried again after its back-off. */
  constructor(parts: PrepullerParts, options: PrepullerOptions, retries: boolean, signal: AbortSignal) {
    const { cluster, clock, log } = parts;
    this.knowledge = new Knowledge(parts, options, signal);
    this.#announcements = new Announcements(log, options.tolerations);
    this.#parts = parts;
    this.#options = options;
    this.#retries = retries;
    this.#signal = signal;
    this.#queue = new NodeQueue(clock, () => this.#serve());
    this.#users = options.waitForUsers ? new UsersFirst(cluster, options.pullTimeout, log, clock) : undefined;
  }

  get underWay(): readonly UnderWay[] {
    return this.#underWay.all;
  }

  /** Waits for the first lists, takes over the pods that are there, and heeds what changes from then on. */
  async start(): Promise<void> {
    const { nodes, pods } = this.#parts.cluster;
    await abortable(Promise.all([nodes.listed, pods.listed]), this.#signal);
    const stop = nodes.onChange((before, after) => this.#nodeChanged(before, after));
    // One that an earlier holder of the lease has asked for may come late.
    const stopTakingOver = pods.onChange((before, after) => {
      if (!before && after && !this.#underWay.has(after.node, after.digest)) void this.#takeOver(after);
    });
    this.#signal.addEventListener("abort", () => {
      stop();
      stopTakingOver();
      this.#queue.clear();
    });
    for (const node of nodes.items.values()) this.#announcements.node(undefined, node);
    for (const pod of pods.items.values()) void this.#takeOver(pod);
  }

  /** Asks the service what is wanted, and sets about it. Gives what could not be asked. */
  async round(): Promise<readonly AskFailure[]> {
    const failures = await this.knowledge.ask();
    const plan = this.plan();
    this.#announcements.round(plan);
    for (const { node } of plan.pulls) this.#queue.add(node.name);
    this.#serve();
    return failures;
  }

  /** What is to be done now, for all nodes that have no pull under way. */
  plan(): RoundPlan {
    return this.knowledge.planRound(new Set(this.underWay.map(({ node }) => node)));
  }

  /** Settles when nothing is under way but stuck pulls, and nothing is left to be started. */
  async idle(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenIdle = resolve;
    this.#serve();
    await abortable(promise, this.#signal);
  }

  #serve(): void {
    while (this.#underWay.active < this.#options.maxConcurrentNodes && !this.#signal.aborted) {
      const name = this.#queue.next();
      if (name === undefined) break;
      this.#serveNode(name);
    }
    if (this.#queue.isEmpty && this.#underWay.active === 0) this.#whenIdle();
  }

  #serveNode(name: string): void {
    const node = this.knowledge.eligibleNode(name);
    if (!node || this.#underWay.isBusy(name)) return;
    const { pulls, waiting } = this.knowledge.planNode(node);
    const [image] = pulls;
    if (image) void this.#pull(node, image);
    else if (this.#retries && waiting.length > 0) {
      const until = Math.min(...waiting.map((one) => one.until));
      this.#queue.addLater(name, until - this.#parts.clock.now());
    }
  }

  async #pull(node: ClusterNode, { digest, tag, reference }: WantedImage): Promise<void> {
    const { cluster, owner, clock, log, metrics } = this.#parts;
    const pull = { node: node.name, reference, digest, since: clock.now(), isStuck: false };
    await this.#keepBusy(pull, async () => {
      if (await this.#users?.mustWait(node.name, this.#signal)) return "later";
      log.info({ node: node.name, image: reference }, "pulling");
      metrics.pullStarted();
      const request = { digest, tag, reference, node };
      const following = this.#following(pull, this.#options.pullTimeout);
      await this.#ended(pull, await pullImage(request, cluster, owner, following, this.#signal));
      return "next";
    });
  }

  /** A pod that was there before: of an earlier process, which may have waited for it already. */
  async #takeOver(pod: PullPod): Promise<void> {
    const { cluster, clock, log } = this.#parts;
    const { node, digest, reference, createTime: since } = pod;
    const pull = { node, reference, digest, since, isStuck: false };
    await this.#keepBusy(pull, async () => {
      log.info({ node, image: reference, pod: pod.name }, "found a pod of an earlier prepuller");
      const following = this.#following(pull, since + this.#options.pullTimeout - clock.now());
      await this.#ended(pull, { pod, end: await followPod(pod, cluster, following, this.#signal) });
      return "next";
    });
  }

  /** Does the work with the node marked as busy, and then looks for what is next there. */
  async #keepBusy(pull: UnderWay, work: () => Promise<"next" | "later">): Promise<void> {
    const { node, digest, reference: image } = pull;
    this.#underWay.add(pull);
    let next: "next" | "later" = "next";
    try {
      next = await work();
    } catch (err) {
      if (this.#signal.aborted) return;
      this.#parts.log.error({ err, node, image }, "a pull failed by a fault of the prepuller");
      this.knowledge.failed(node, digest, { kind: "failed", reason: "internal", message: String(err) });
    }
    this.#underWay.remove(pull);
    if (next === "later") this.#queue.addLater(node, usersIntervalMs);
    else this.#queue.add(node);
    this.#serve();
  }

  #following(pull: UnderWay, stuckAfter: number): FollowOptions {
    const { node, reference: image } = pull;
    const onStuck = () => {
      this.#underWay.setStuck(pull);
      this.#parts.log.warn({ node, image }, "stuck: nothing else is pulled on the node until this pull ends");
      this.#serve();
    };
    return { stuckAfter, onStuck, clock: this.#parts.clock };
  }

  #ended(pull: UnderWay, ended: EndedPull): Promise<void> {
    return concludePull(pull, ended, this.knowledge, this.#parts, this.#signal);
  }

  #nodeChanged(before: ClusterNode | undefined, after: ClusterNode | undefined): void {
    if (before && before.uid !== after?.uid) {
      this.knowledge.forget(before);
      this.#users?.forget(before.name);
    }
    this.#announcements.node(before, after);
    if (!after) return;
    this.knowledge.see(after);
    this.#queue.add(after.name);
    this.#serve();
  }
}
