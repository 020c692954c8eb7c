/**
 * Starts the one cluster that all test files use. They find it by `theCluster`.
 */
import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import { type Cluster, type ClusterPlan, openCluster, startCluster } from "./cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    cluster: ClusterPlan;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { clusterPlan, registry } = await startCluster({ nodes: 2 });
  project.provide("cluster", clusterPlan);
  return () => registry.stop(); // it would keep vitest from ending; the rest is for clean.sh
}

export const theCluster = (): Cluster => openCluster(inject("cluster"));
