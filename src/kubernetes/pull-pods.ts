/**
 * Making and deleting the pods of pulls, so that nothing is made twice and nobody else's is touched.
 */
import type { Clock } from "../async/clock.ts";
import type { PullPod } from "../domain/pull-pod.ts";
import type { KubernetesApi } from "./api.ts";
import { ClusterError, type Owner, type PullRequest } from "./cluster.ts";
import { persistently } from "./persistence.ts";
import { type PodOptions, podManifest } from "./pod-manifest.ts";
import { hasLabels, pullLabels } from "./pod-marks.ts";
import { podName } from "./pod-name.ts";
import { readPullPod } from "./pod-reading.ts";

/** Pods of others that are in the way, or come and go, before it is given up. */
const maxNames = 5;
const maxTurns = 10;

export class PullPods {
  readonly #api: KubernetesApi;
  readonly #path: string;
  readonly #options: PodOptions;
  readonly #clock: Clock;

  constructor(api: KubernetesApi, namespace: string, options: PodOptions, clock: Clock) {
    this.#api = api;
    this.#path = `/api/v1/namespaces/${namespace}/pods`;
    this.#options = options;
    this.#clock = clock;
  }

  async create(pull: PullRequest, owner: Owner, signal: AbortSignal): Promise<PullPod> {
    const { digest, tag, node } = pull;
    let collision = 0;
    for (let turn = 1; ; turn += 1) {
      const name = podName({ digest, tag, node: node.name, lease: owner.name }, collision);
      try {
        return await this.#post(podManifest(name, pull, owner, this.#options), signal);
      } catch (error) {
        const isTaken = error instanceof ClusterError && error.reason === "AlreadyExists";
        if (!isTaken || turn === maxTurns) throw error;
        const known = await this.#get(name, signal);
        if (known === undefined) continue; // gone by now
        const found = relation(known.json, known.pod, pull, owner);
        if (found === "same") return known.pod;
        if (found === "foreign") {
          collision += 1;
          if (collision === maxNames) throw error;
        } else {
          await this.delete(known.pod, signal);
          // It may have to wait for a finalizer of somebody's.
          if (turn > 1) await this.#clock.sleep(1_000, signal);
        }
      }
    }
  }

  async delete({ name, uid }: Pick<PullPod, "name" | "uid">, signal: AbortSignal): Promise<void> {
    const body = {
      apiVersion: "v1",
      kind: "DeleteOptions",
      gracePeriodSeconds: 0,
      // Another one of that name is not ours to delete.
      preconditions: { uid },
    };
    await persistently(
      async () => {
        try {
          await this.#api.ask({ method: "DELETE", path: `${this.#path}/${name}`, body }, signal);
        } catch (error) {
          // Gone, or another one: either way that very pod is no more.
          if (!(error instanceof ClusterError && [404, 409].includes(error.status))) throw error;
        }
      },
      this.#clock,
      signal,
    );
  }

  /** Sent again where it failed for a moment: what has arrived all the same is there then, and found. */
  async #post(body: object, signal: AbortSignal): Promise<PullPod> {
    const request = { method: "POST", path: this.#path, body } as const;
    const pod = readPullPod(await persistently(() => this.#api.ask(request, signal), this.#clock, signal));
    if (!pod) throw new ClusterError(`POST ${this.#path}: the answer is no pod`, { status: 0 });
    return pod;
  }

  async #get(name: string, signal: AbortSignal): Promise<{ json: unknown; pod: PullPod } | undefined> {
    const request = { method: "GET", path: `${this.#path}/${name}` } as const;
    try {
      const json = await persistently(() => this.#api.ask(request, signal), this.#clock, signal);
      const pod = readPullPod(json);
      return pod && { json, pod };
    } catch (error) {
      if (error instanceof ClusterError && error.status === 404) return undefined;
      throw error;
    }
  }
}

/** What a pod that has the name of a pull's is to that pull. `stale`: ours, and of no use any more. */
function relation(
  json: unknown,
  pod: PullPod,
  pull: PullRequest,
  owner: Owner,
): "same" | "stale" | "foreign" {
  const { digest, node } = pull;
  const isOurs =
    hasLabels(json, pullLabels(owner.name, digest, node.name)) &&
    pod.digest === digest &&
    pod.node === node.name;
  if (!isOurs) return "foreign";
  const isOfEarlierMachine = pod.nodeUid !== "" && pod.nodeUid !== node.uid;
  return isOfEarlierMachine || pod.isDeleting ? "stale" : "same";
}
