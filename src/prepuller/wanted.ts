/**
 * What the sources want, by their last answers: each is asked with the nodes as they are, and one that does not answer
 * keeps what it said before.
 */
import type { Client } from "@connectrpc/connect";
import type { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import type { ClusterNode, Toleration } from "../domain/cluster-node.ts";
import type { NodeMemory } from "../domain/node-memory.ts";
import { nodeCacheOf } from "../domain/reported-nodes.ts";
import { mergeWanted, type SourceAnswer, type WantedImage, wantedDigests } from "../domain/wanted-image.ts";
import { nodeCacheMessage, sourceAnswer } from "./messages.ts";

/** What the sources are told of the nodes. */
export interface NodesNow {
  readonly nodes: readonly ClusterNode[];
  readonly memories: ReadonlyMap<string, NodeMemory>;
  readonly tolerations: readonly Toleration[];
  /** When they were read; milliseconds since the epoch. */
  readonly readAt: number;
  /** How late a node may list an image that is there, in milliseconds. */
  readonly lag: number;
  /** See `Machines`. */
  readonly maxImages: number;
}

export interface AskFailure {
  /** Empty: the service as a whole. */
  readonly source: string;
  readonly error: unknown;
}

interface Answered extends SourceAnswer {
  /** When the nodes were read that it speaks of, milliseconds since the epoch. */
  readonly answeredAt: number;
}

type Rpc = Pick<Client<typeof ImageSourceService>, "listSources" | "updateImages">;

export class Wanted {
  readonly #rpc: Rpc;
  readonly #names: readonly string[];
  readonly #answers = new Map<string, Answered>();
  #images: readonly WantedImage[] = [];
  #byDigest: ReadonlyMap<string, WantedImage> = new Map();

  /** No names: the first source of the service. */
  constructor(rpc: Rpc, names: readonly string[]) {
    this.#rpc = rpc;
    this.#names = names;
  }

  /** Merged, in the order of the sources; empty before the first answer. */
  get images(): readonly WantedImage[] {
    return this.#images;
  }

  image(digest: string): WantedImage | undefined {
    return this.#byDigest.get(digest);
  }

  get digests(): ReadonlySet<string> {
    return wantedDigests(this.#images);
  }

  /** When the nodes were read that the oldest of the answers speaks of. */
  get answeredAt(): number {
    return Math.min(...[...this.#answers.values()].map(({ answeredAt }) => answeredAt));
  }

  /** Asks every source. Rejects only with the signal's reason; what else went wrong is told. */
  async ask(nodes: NodesNow, signal: AbortSignal): Promise<{ failures: AskFailure[]; warnings: string[] }> {
    const failures: AskFailure[] = [];
    const warnings: string[] = [];
    try {
      const { sources } = await this.#rpc.listSources({}, { signal });
      const names = this.#names.length > 0 ? this.#names : sources.slice(0, 1).map(({ name }) => name);
      for (const name of names) {
        const source = sources.find((one) => one.name === name);
        if (!source) {
          failures.push({ source: name, error: new Error(`the service has no source ${name}`) });
          continue;
        }
        try {
          warnings.push(...(await this.#askOne(name, source.repository, nodes, signal)));
        } catch (error) {
          signal.throwIfAborted();
          failures.push({ source: name, error });
        }
      }
      this.#merge(names);
    } catch (error) {
      signal.throwIfAborted();
      failures.push({ source: "", error });
    }
    return { failures, warnings };
  }

  async #askOne(source: string, repository: string, now: NodesNow, signal: AbortSignal): Promise<string[]> {
    const readTime = now.readAt - now.lag;
    const nodeCache = nodeCacheOf(now.nodes, { ...now, readTime, repository, digests: this.digests });
    const response = await this.#rpc.updateImages(
      { source, nodeCache: nodeCacheMessage(nodeCache) },
      { signal },
    );
    this.#answers.set(source, { ...sourceAnswer(source, response), answeredAt: now.readAt });
    return response.warnings.map((warning) => `${source}: ${warning}`);
  }

  #merge(names: readonly string[]): void {
    this.#images = mergeWanted(names.flatMap((name) => this.#answers.get(name) ?? []));
    const pullable = this.#images.filter(({ digest }) => digest !== "");
    this.#byDigest = new Map(pullable.map((image) => [image.digest, image]));
  }
}
