/**
 * What tests of pods have in common: a cluster in which nothing but pods is asked for.
 */
import type { ClusterError } from "../../src/kubernetes/cluster.ts";
import { manualClock } from "../support/kubernetes-clock.ts";
import type { Json } from "../support/kubernetes-store.ts";
import { never, nodeNamed, open, owner, pullOf, startFake } from "./support.ts";

export const node = nodeNamed("n1");
export const pull = pullOf("w_2077_43", node);

export async function cluster() {
  const fake = await startFake();
  const clock = manualClock();
  const opened = await open(fake, { nodeSelector: { none: "none" } }, clock);
  const create = (more: Partial<typeof pull> = {}) => {
    return opened.watched().createPod({ ...pull, ...more }, owner, never);
  };
  const remove = (pod: Json) => opened.watched().deletePod(pod, never);
  return { fake, clock, create, remove };
}

export const failure = async (promise: Promise<unknown>): Promise<ClusterError> =>
  await promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error) => error,
  );
