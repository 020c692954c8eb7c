/**
 * What kubelets do with the pods of a fake cluster, as a test has it written: by itself a kubelet pulls at once, and
 * lists what it has pulled.
 */
import type { Json, KubernetesStore } from "./kubernetes-store.ts";
import { keyOf } from "./kubernetes-store.ts";

/** A pod on its node; each method is one thing that the kubelet tells. What is gone by then is left alone. */
export interface PodOnNode {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  /** `registry/repository@digest`. */
  readonly image: string;
  readonly digest: string;
  /** The container is being made: the image is being pulled. */
  pulls(): void;
  /** The image is there, and the container has ended well. `imageId`: under which name; by default the pod's. */
  ends(imageId?: string): void;
  /** The container waits with that reason, for good: `ErrImagePull`. */
  waits(reason: string, message?: string): void;
  /** The pod has failed as a whole: `OutOfcpu`, `DeadlineExceeded`. */
  fails(reason: string, message?: string, imageId?: string): void;
  /** The pod is gone. */
  vanishes(): void;
  /** The node lists the image. */
  isListed(): void;
}

export type Kubelet = (pod: PodOnNode) => void;

export const promptKubelet: Kubelet = (pod) => {
  pod.pulls();
  pod.ends();
  pod.isListed();
};

/** Pulls, and never comes to an end. */
export const hangingKubelet: Kubelet = (pod) => pod.pulls();

export function podOnNode(pod: Json, store: KubernetesStore): PodOnNode {
  const key = keyOf(pod);
  const [{ image, name: container }] = pod.spec.containers;
  const { nodeName: node } = pod.spec;
  const change = (change: (json: Json) => void) => {
    if (store.find("pods", key)?.metadata.uid === pod.metadata.uid) store.change("pods", key, change);
  };
  const setContainer = (state: object, imageID: string, phase: string, rest: object = {}) =>
    change((json) => {
      const status = { name: container, image, imageID, ready: false, restartCount: 0, state };
      json.status = { ...json.status, phase, ...rest, containerStatuses: [status] };
    });
  return {
    name: pod.metadata.name,
    uid: pod.metadata.uid,
    node,
    image,
    digest: image.slice(image.indexOf("@") + 1),
    pulls: () => setContainer({ waiting: { reason: "ContainerCreating" } }, "", "Pending"),
    ends: (imageId = image) =>
      setContainer({ terminated: { exitCode: 0, reason: "Completed" } }, imageId, "Succeeded"),
    waits: (reason, message = "") => setContainer({ waiting: { reason, message } }, "", "Pending"),
    fails(reason, message = "", imageId) {
      const why = { reason, message };
      if (imageId === undefined) {
        change((json) => {
          json.status = { ...json.status, phase: "Failed", ...why };
        });
      } else setContainer({ terminated: { exitCode: 137, reason: "Error" } }, imageId, "Failed", why);
    },
    vanishes() {
      if (store.find("pods", key)?.metadata.uid === pod.metadata.uid) store.delete("pods", key);
    },
    isListed() {
      if (!store.find("nodes", node)) return;
      store.change("nodes", node, ({ status }) => {
        status.images = [{ names: [image], sizeBytes: 1_000_000 }, ...(status.images ?? [])];
      });
    },
  };
}
