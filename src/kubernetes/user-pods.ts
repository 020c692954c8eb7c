/**
 * Whether somebody's pod on a node waits for its image.
 *
 * It does where a container has no image yet, and is not stopped by an error: one that backs off does not pull now, and
 * one whose configuration is wrong will not pull at all. A pod without a word of its containers has not been looked at by
 * the kubelet: where it was put to the node a moment ago, that is still to come; else it waits for something else, or the
 * node is gone.
 */
import type { Clock } from "../async/clock.ts";
import type { KubernetesApi } from "./api.ts";
import { type Json, list, object, text, time } from "./json.ts";
import { listAll } from "./lists.ts";
import { persistently } from "./persistence.ts";
import { isPullPod } from "./pod-marks.ts";

/** A kubelet that is well looks at a new pod within a second or two. */
const kubeletMs = 60_000;
/** What a container waits for while nothing is wrong. */
const harmless: readonly string[] = ["", "ContainerCreating", "PodInitializing"];

/** Asks for the pods of all namespaces. Fails with `ClusterError`. */
export async function usersAreWaiting(
  api: KubernetesApi,
  node: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  return await persistently(
    async () => {
      let areWaiting = false;
      const query = { fieldSelector: `spec.nodeName=${node},status.phase=Pending` };
      const look = (pod: unknown) => {
        areWaiting ||= waitsForImage(pod, clock.now());
      };
      await listAll(api, { path: "/api/v1/pods", query }, look, signal);
      return areWaiting;
    },
    clock,
    signal,
  );
}

export function waitsForImage(pod: unknown, now: number): boolean {
  const { metadata, status } = object(pod);
  const { creationTimestamp, deletionTimestamp } = object(metadata);
  if (isPullPod(pod) || text(deletionTimestamp) !== "") return false;
  const { conditions, containerStatuses, initContainerStatuses } = object(status);
  const containers = [...list(initContainerStatuses), ...list(containerStatuses)].map(object);
  if (containers.length > 0) return containers.some(waits);
  const scheduled = list(conditions)
    .map(object)
    .find(({ type }) => type === "PodScheduled");
  const since = time(scheduled?.lastTransitionTime) ?? time(creationTimestamp) ?? Number.NEGATIVE_INFINITY;
  return now - since < kubeletMs;
}

function waits({ imageID, state }: Json): boolean {
  const { waiting, running, terminated } = object(state);
  if (text(imageID) !== "" || running || terminated) return false;
  return harmless.includes(text(object(waiting).reason));
}
