/**
 * A real cluster: a control plane, nodes that pull, a registry. It is ended by `clean.sh`, not by the tests.
 */
import { mkdirSync } from "node:fs";
import { newRegistry, type Registry } from "../../e2e/support/registry.ts";
import { until } from "../../e2e/support/until.ts";
import {
  type ControlPlane,
  type ControlPlaneOptions,
  type ControlPlanePlan,
  openControlPlane,
  startControlPlane,
} from "./control-plane.ts";
import { pushBase } from "./images.ts";
import { type NodePlan, openNode, type RealNode, startNode } from "./node.ts";

export interface ClusterOptions extends ControlPlaneOptions {
  /** How many; they are called `node-1` and so on, and have the label `name` with their name. */
  readonly nodes: number;
}

/** All that is needed to find a cluster again from another process. Plain data. */
export interface ClusterPlan {
  readonly controlPlane: ControlPlanePlan;
  readonly nodes: readonly NodePlan[];
  /** `127.0.0.1:PORT` of a registry that asks nobody for a login. */
  readonly registry: string;
}

export interface Cluster extends ControlPlane {
  readonly nodes: readonly RealNode[];
  readonly registry: string;
}

export interface NewCluster {
  readonly cluster: Cluster;
  readonly clusterPlan: ClusterPlan;
  readonly registry: Registry;
}

export async function startCluster({ nodes: count, ...options }: ClusterOptions): Promise<NewCluster> {
  const filled = async () => {
    const registry = await newRegistry("docker-registry 2.8");
    mkdirSync(registry.storage); // else it answers 500 to what is asked before the first push
    await registry.start();
    return { registry, pauseImage: await pushBase(registry.host) };
  };
  const [controlPlane, { registry, pauseImage }] = await Promise.all([startControlPlane(options), filled()]);
  const { url, admin, authority, plan } = controlPlane;
  const place = { directory: plan.directory, url, admin, authority };
  const names = Array.from({ length: count }, (_, i) => `node-${i + 1}`);
  const nodes = await Promise.all(
    names.map((name) => startNode({ name, labels: { name }, pauseImage }, place)),
  );
  const clusterPlan = { controlPlane: plan, nodes, registry: registry.host };
  const cluster = openCluster(clusterPlan);
  for (const node of cluster.nodes) await until(`${node.name} is Ready`, () => node.isReady(), 60);
  return { cluster, clusterPlan, registry };
}

/** A cluster that another process has started. */
export function openCluster({ controlPlane, nodes, registry }: ClusterPlan): Cluster {
  const plane = openControlPlane(controlPlane);
  return { ...plane, registry, nodes: nodes.map((plan) => openNode(plan, plane.admin)) };
}
