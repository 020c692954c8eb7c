/**
 * What we rely on of a Kubernetes API, request by request. The same on the fake one and on a real API server, so that the
 * fake one is none of our imagination.
 */
import { afterAll, beforeAll } from "vitest";
import { apiOf, newContext, nodeOf, type RequestsTarget } from "./requests-context.ts";
import { clusterRequests } from "./requests-of-clusters.ts";
import { leaseRequests } from "./requests-of-leases.ts";
import { nodeRequests, oldRequests } from "./requests-of-nodes.ts";
import { podRequests } from "./requests-of-pods.ts";

export type { RequestsTarget } from "./requests-context.ts";

export function requestsSuite(start: () => Promise<RequestsTarget>): void {
  const context = newContext();
  const { run, nodes } = context;

  beforeAll(async () => {
    context.target = await start();
    context.api = await apiOf(context.target.kubeconfig);
    context.admin = await apiOf(context.target.adminKubeconfig);
    for (const name of nodes) await context.target.addNode(nodeOf(run, name));
  });

  afterAll(async () => {
    for (const name of nodes) await context.target.removeNode(name);
    await context.api.close();
    await context.admin.close();
    await context.target.stop();
  });

  nodeRequests(context);
  podRequests(context);
  leaseRequests(context);
  clusterRequests(context);
  oldRequests(context);
}
