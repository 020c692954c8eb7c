/** The whole of it: what the prepuller does in a cluster, by `openCluster`. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cluster } from "../../src/kubernetes/cluster.ts";
import { LeaseHeldError } from "../../src/kubernetes/lease.ts";
import { type OpenCluster, openCluster } from "../../src/kubernetes/open-cluster.ts";
import { nodeOf, type RequestsContext } from "./requests-context.ts";
import { defaults, never, pullOf, recordedLog, seen } from "./support.ts";

export function clusterRequests(context: RequestsContext): void {
  const { run, nodes } = context;
  const ending = new AbortController();
  const opened: OpenCluster[] = [];
  let cluster: Cluster;

  async function open(): Promise<OpenCluster> {
    const { kubeconfig } = context.target;
    const lease = { name: `${run}-held`, duration: 3_000 };
    const options = { ...defaults, kubeconfig, nodeSelector: { run }, lease };
    const one = await openCluster(options, recordedLog().log);
    opened.push(one);
    return one;
  }

  const node = () => {
    const found = cluster.nodes.items.get(nodes[0] ?? "");
    if (!found) throw new Error("the node is not there");
    return found;
  };

  describe("a cluster", () => {
    beforeAll(async () => {
      cluster = (await open()).watch(ending.signal);
      await Promise.all([cluster.nodes.listed, cluster.pods.listed]);
    });

    afterAll(async () => {
      ending.abort(new Error("the tests have ended"));
      for (const one of opened) await one.close();
    });

    it("has its nodes, and shows what becomes of them", async () => {
      expect([...cluster.nodes.items.keys()]).toEqual(nodes);
      expect(node().images).toEqual([{ names: ["lab:w_2077_43"], size: 1_000 }]);
      const name = `${run}-e`;
      await context.target.addNode(nodeOf(run, name));
      await seen(cluster.nodes, name, (node) => node !== undefined);
      await context.target.changeNode(name, { spec: { unschedulable: true } });
      await seen(cluster.nodes, name, (node) => node?.isUnschedulable === true);
      await context.target.removeNode(name);
      await seen(cluster.nodes, name, (node) => node === undefined);
    });

    it("has the lease for one, who may make pods that belong to it, until it is given up", async () => {
      const [first, second] = [opened[0], await open()];
      const lease = await first?.acquireLease(never);
      if (!lease) throw new Error("there is no lease");
      const refused = await second.tryAcquireLease(never).catch((error) => error);
      expect(refused).toBeInstanceOf(LeaseHeldError);
      expect(lease.lost.aborted).toBe(false);

      const pull = pullOf("w_2077_43", node());
      const pod = await cluster.createPod(pull, lease, never);
      expect(await seen(cluster.pods, pod.name, (pod) => pod !== undefined)).toEqual(pod);
      expect(await cluster.createPod(pull, lease, never)).toEqual(pod);
      await cluster.deletePod({ ...pod, uid: lease.uid }, never); // another one
      expect((await cluster.createPod(pull, lease, never)).uid).toBe(pod.uid);
      await cluster.deletePod(pod, never);
      await seen(cluster.pods, pod.name, (pod) => pod === undefined);
      await cluster.deletePod(pod, never); // gone

      await lease.release();
      const next = await second.tryAcquireLease(never);
      expect(next.uid).toBe(lease.uid);
      await next.release();
    });
  });
}
