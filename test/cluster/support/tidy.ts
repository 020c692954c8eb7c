/**
 * Leaves a cluster as a story found it: no pod, no lease, no quota, and nodes that are ready and take pods.
 *
 * What the nodes have pulled stays there, so each story has images of its own.
 */
import { until } from "../../e2e/support/until.ts";
import type { Api } from "./api.ts";
import type { Cluster } from "./cluster.ts";

export async function tidy({ admin, nodes, plan }: Cluster): Promise<void> {
  const namespace = plan.prepuller.namespace;
  await empty(admin, `/api/v1/namespaces/${namespace}/resourcequotas`);
  await empty(admin, `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`);
  for (const each of [namespace, "default"]) await empty(admin, `/api/v1/namespaces/${each}/pods`);
  for (const { name } of nodes) {
    await admin.patch(`/api/v1/nodes/${name}`, { spec: { unschedulable: null } });
  }
  for (const node of nodes) await until(`${node.name} is Ready`, () => node.isReady(), 60);
}

async function empty(admin: Api, path: string): Promise<void> {
  await admin.remove(`${path}?gracePeriodSeconds=0`);
  await until(`nothing at ${path}`, async () => (await admin.get(path)).items.length === 0, 60);
}
