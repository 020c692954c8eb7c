/**
 * What the requests of the suite are made with: a target, clients of it, and names that are of this run only, since a real
 * API server may have other things too.
 */
import { randomUUID } from "node:crypto";
import { systemClock } from "../../src/async/clock.ts";
import { Pacing } from "../../src/async/pacing.ts";
import { type ApiRequest, KubernetesApi } from "../../src/kubernetes/api.ts";
import { ClusterError } from "../../src/kubernetes/cluster.ts";
import { Credentials } from "../../src/kubernetes/credentials.ts";
import { loadKubeconfig } from "../../src/kubernetes/kubeconfig.ts";
import type { Json } from "../support/kubernetes-store.ts";
import { never } from "./support.ts";

export interface RequestsTarget {
  /** Of the prepuller, and of somebody who may list all pods. Paths. */
  readonly kubeconfig: string;
  readonly adminKubeconfig: string;
  readonly namespace: string;
  addNode(node: Json): Promise<void>;
  changeNode(name: string, change: Json): Promise<void>;
  removeNode(name: string): Promise<void>;
  removeLease(name: string): Promise<void>;
  /** Sets the status of a pod of the namespace, as its kubelet does. */
  setPodStatus(name: string, status: Json): Promise<void>;
  /** The past is forgotten: no watch goes on from an older version. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

type Ask = (method: ApiRequest["method"], path: string, more?: Partial<ApiRequest>) => Promise<Json>;

/** Complete when the tests run, not before. */
export interface RequestsContext {
  readonly run: string;
  /** Names of nodes, which are there all the time. */
  readonly nodes: readonly string[];
  target: RequestsTarget;
  api: KubernetesApi;
  admin: KubernetesApi;
  /** As the prepuller. */
  readonly ask: Ask;
  pods(): string;
  leases(): string;
}

export function newContext(): RequestsContext {
  const run = randomUUID().slice(0, 8);
  const context: Partial<RequestsContext> & Omit<RequestsContext, "target" | "api" | "admin"> = {
    run,
    nodes: ["a", "b", "c"].map((letter) => `${run}-${letter}`),
    ask: async (method, path, more = {}) => await context.api?.ask({ method, path, ...more }, never),
    pods: () => `/api/v1/namespaces/${context.target?.namespace}/pods`,
    leases: () => `/apis/coordination.k8s.io/v1/namespaces/${context.target?.namespace}/leases`,
  };
  return context as RequestsContext;
}

export async function apiOf(kubeconfig: string): Promise<KubernetesApi> {
  const load = () => loadKubeconfig(kubeconfig);
  const credentials = new Credentials(await load(), load, systemClock);
  return new KubernetesApi(credentials, new Pacing(1_000, systemClock));
}

export async function failure(promise: Promise<unknown>): Promise<ClusterError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ClusterError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

export function nodeOf(run: string, name: string): Json {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { run, name } },
    status: {
      conditions: [{ type: "Ready", status: "True" }],
      nodeInfo,
      images: [{ names: ["lab:w_2077_43"], sizeBytes: 1_000 }],
    },
  };
}

/** A real API server wants all of it. */
const nodeInfo = {
  ...{ machineID: "", systemUUID: "", bootID: "", kernelVersion: "", osImage: "" },
  ...{ containerRuntimeVersion: "", kubeletVersion: "", kubeProxyVersion: "" },
  ...{ operatingSystem: "linux", architecture: "amd64" },
};
