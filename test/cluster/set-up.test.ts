/**
 * That the cluster of these tests is what they take it for: nodes that pull, an account with few rights, and parts that
 * can be killed and started again.
 */
import { afterAll, describe, expect, it } from "vitest";
import { crane } from "../e2e/support/crane.ts";
import { until } from "../e2e/support/until.ts";
import { startGate } from "./support/gate.ts";
import { theCluster } from "./support/global-setup.ts";
import { pushImage } from "./support/images.ts";
import { tidy } from "./support/tidy.ts";

const cluster = theCluster();
const pods = "/api/v1/namespaces/prepuller/pods";
const repository = `${cluster.registry}/set-up/lab`;
afterAll(() => tidy(cluster));

async function makePod(name: string, nodeName: string, image: string): Promise<void> {
  await cluster.prepuller.create(pods, {
    metadata: { name },
    spec: { nodeName, restartPolicy: "Never", containers: [{ name: "pull", image, command: ["/bin/true"] }] },
  });
}

const imageIdOf = async (name: string) => {
  const { status } = await cluster.prepuller.get(`${pods}/${name}`);
  return status.phase === "Succeeded" && status.containerStatuses[0].imageID;
};

it("both nodes are ready", async () => {
  expect(cluster.nodes.map(({ name }) => name)).toEqual(["node-1", "node-2"]);
  for (const node of cluster.nodes) expect(await node.isReady(), node.name).toBe(true);
});

describe("a pod of an image by its digest", () => {
  it.each(cluster.nodes)("ends well on $name, and says what was pulled", async ({ name }) => {
    const image = `${repository}@${await pushImage(`${repository}:w_2077_43`, "set-up")}`;
    await makePod(`ends-${name}`, name, image);
    expect(await until("the end of the pod", () => imageIdOf(`ends-${name}`))).toBe(image);
  });

  it("is pulled for as long as the gate keeps the node waiting", async () => {
    const gate = await startGate(cluster.registry);
    const digest = await pushImage(`${repository}:w_2077_44`, "set-up, held");
    const hold = gate.hold("/blobs/");
    await makePod("held", "node-1", `${gate.host}/set-up/lab@${digest}`);
    await until("the node asks", () => hold.count > 0);
    expect((await cluster.prepuller.get(`${pods}/held`)).status.phase).toBe("Pending");
    hold.release();
    await until("the end of the pod", () => imageIdOf("held"));
    await gate.stop();
  });
});

describe("the prepuller's account", () => {
  it.each([
    ["GET", "/api/v1/nodes", undefined],
    ["GET", pods, undefined],
    ["POST", "/apis/coordination.k8s.io/v1/namespaces/prepuller/leases", { metadata: { name: "set-up" } }],
  ] as const)("may %s %s", async (method, path, body) => {
    expect((await cluster.prepuller.ask(method, path, body)).status).toBeLessThan(300);
  });

  it.each([
    ["GET", "/api/v1/pods"],
    ["GET", "/api/v1/namespaces/default/pods"],
    ["GET", "/api/v1/namespaces/prepuller/secrets"],
    ["GET", "/apis/coordination.k8s.io/v1/namespaces/prepuller/leases"],
    ["PATCH", "/api/v1/nodes/node-1"],
    ["DELETE", "/api/v1/nodes/node-1"],
  ] as const)("may not %s %s", async (method, path) => {
    expect((await cluster.prepuller.ask(method, path, method === "PATCH" ? {} : undefined)).status).toBe(403);
  });
});

describe("killed and started again", () => {
  it("the API server knows what it knew", async () => {
    await cluster.apiServer.kill();
    await expect(cluster.admin.get("/readyz")).rejects.toThrow();
    await cluster.apiServer.start();
    expect((await cluster.admin.get("/api/v1/nodes")).items).toHaveLength(2);
  });

  it("a kubelet lists the images at once", async () => {
    const digest = await crane("digest", `${repository}:w_2077_43`);
    const [node] = cluster.nodes;
    await node?.kubelet.kill();
    await node?.kubelet.start();
    await until("the image", async () => (await node?.images())?.includes(`${repository}@${digest}`));
  });
});
