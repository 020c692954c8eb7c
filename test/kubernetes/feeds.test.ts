/**
 * Nodes and pods as they are kept: read in pages, watched, and told of.
 */
import { describe, expect, it } from "vitest";
import { labelNames } from "../../src/kubernetes/pod-marks.ts";
import { manualClock } from "../support/kubernetes-clock.ts";
import { manyImages } from "../support/kubernetes-objects.ts";
import { never, nodeNamed, open, owner, pullOf, seen, startFake } from "./support.ts";

const gone = (item: unknown) => item === undefined;

describe("nodes", () => {
  it("are empty until they are listed, and then all there, read in pages of 500", async () => {
    const fake = await startFake();
    for (let index = 0; index < 1_001; index += 1) fake.addNode({ name: `n-${index}` });
    const { nodes } = (await open(fake)).watched();
    expect([nodes.items.size, nodes.readTime]).toEqual([0, 0]);
    await nodes.listed;
    expect(nodes.items.size).toBe(1_001);
    expect(
      fake.requests.filter(({ resource }) => resource === "nodes").map(({ query }) => query.get("limit")),
    ).toEqual([...["500", "500", "500"]]);
  });

  it("come, change and go, and whoever listens is told", async () => {
    const fake = await startFake();
    fake.addNode({ name: "n1" });
    const { nodes } = (await open(fake)).watched();
    await nodes.listed;
    const told: string[] = [];
    const stop = nodes.onChange((before, after) =>
      told.push(`${before?.name} ${before?.isUnschedulable} ${after?.name} ${after?.isUnschedulable}`),
    );
    fake.addNode({ name: "n2" });
    fake.changeNode("n2", ({ spec }) => {
      spec.unschedulable = true;
    });
    fake.removeNode("n2");
    await seen(nodes, "n2", (node) => node !== undefined);
    await seen(nodes, "n2", gone);
    expect(told).toEqual(["undefined undefined n2 false", "n2 false n2 true", "n2 true undefined undefined"]);
    stop();
    fake.removeNode("n1");
    await seen(nodes, "n1", gone);
    expect(told).toHaveLength(3);
  });

  it("that change in nothing that is kept are told to nobody", async () => {
    const fake = await startFake();
    fake.addNode({ name: "n1", images: manyImages(50) });
    fake.addNode({ name: "n2" });
    const { nodes } = (await open(fake)).watched();
    await nodes.listed;
    let told = 0;
    nodes.onChange(() => (told += 1));
    const before = nodes.items.get("n1");
    fake.changeNode("n1", ({ status }) => {
      status.conditions[0].lastHeartbeatTime = "2077-10-28T12:00:00Z";
    });
    fake.removeNode("n2");
    await seen(nodes, "n2", gone);
    expect(told).toBe(1);
    expect(nodes.items.get("n1")).toBe(before);
  });

  it("are those that have the labels", async () => {
    const fake = await startFake();
    fake.addNode({ name: "n1", labels: { pool: "users", "example.org/zone": "a" } });
    fake.addNode({ name: "n2", labels: { pool: "users" } });
    const { nodes } = (
      await open(fake, { nodeSelector: { pool: "users", "example.org/zone": "a" } })
    ).watched();
    await nodes.listed;
    expect([...nodes.items.keys()]).toEqual(["n1"]);
    fake.changeNode("n2", ({ metadata }) => {
      metadata.labels["example.org/zone"] = "a";
    });
    await seen(nodes, "n2", (node) => node !== undefined);
    fake.changeNode("n1", ({ metadata }) => {
      metadata.labels.pool = "others";
    });
    await seen(nodes, "n1", gone);
  });

  it("share the images that many of them list", async () => {
    const fake = await startFake();
    for (const name of ["n1", "n2", "n3"]) fake.addNode({ name, images: manyImages(50) });
    const { nodes } = (await open(fake)).watched();
    await nodes.listed;
    const images = [...nodes.items.values()].flatMap((node) => node.images);
    expect(images).toHaveLength(150);
    expect(new Set(images).size).toBe(50);
  });

  it("were last read at the beginning of a list, then at each event and bookmark", async () => {
    const fake = await startFake();
    fake.addNode({ name: "n1" });
    const clock = manualClock();
    const start = clock.now();
    fake.fail("list nodes", () => {
      void clock.pass(5_000); // the list takes its time
      return "answer";
    });
    const { nodes } = (await open(fake, {}, clock)).watched();
    await nodes.listed;
    expect(nodes.readTime).toBe(start);
    await fake.arrival("watch nodes", 1);
    await clock.pass(1_000);
    fake.changeNode("n1", ({ spec }) => {
      spec.unschedulable = true;
    });
    await seen(nodes, "n1", (node) => node?.isUnschedulable === true);
    await readSince(nodes, start + 6_000);
    await clock.pass(1_000);
    fake.watches("nodes")[0]?.bookmark();
    await readSince(nodes, start + 7_000);
  });

  it("are listed once and watched once at a time", async () => {
    const fake = await startFake();
    fake.addNode({ name: "n1" });
    const { nodes } = (await open(fake)).watched();
    await nodes.listed;
    for (let round = 1; round <= 3; round += 1) {
      await fake.arrival("watch nodes", round);
      fake.addNode({ name: `n1-${round}` }); // a watch that told nothing is not begun again at once
      await seen(nodes, `n1-${round}`, (node) => node !== undefined);
      for (const watch of fake.watches("nodes")) watch.expire();
    }
    await fake.arrival("watch nodes", 4);
    expect(fake.count("list nodes")).toBe(4);
    expect(fake.mostWatches("nodes")).toBe(1);
  });
});

describe("pods", () => {
  it("are those of one's own lease and namespace, with one list and one watch for all", async () => {
    const fake = await startFake();
    const others = await open(fake, { lease: { name: "others", duration: 15_000 } });
    const own = await open(fake);
    fake.kubelet = () => {};
    const node = nodeNamed("n1");
    const cluster = own.watched();
    await cluster.createPod(pullOf("a", node), owner, never);
    await others.watched().createPod(pullOf("a", node), { ...owner, name: "others" }, never);
    await cluster.createPod(pullOf("b", node), owner, never);
    const ofOwn = fake.pods().filter(({ metadata }) => metadata.labels[labelNames.lease] === owner.name);
    expect(fake.pods()).toHaveLength(3);
    expect(ofOwn).toHaveLength(2);
    for (const { metadata } of ofOwn) await seen(cluster.pods, metadata.name, (pod) => pod !== undefined);
    expect(cluster.pods.items.size).toBe(2);
    expect(fake.mostWatches("pods")).toBeLessThanOrEqual(2); // one of each of the two
  });

  it("are followed through all that the kubelet says", async () => {
    const fake = await startFake();
    fake.addNode({ name: "n1" });
    fake.kubelet = (pod) => {
      pod.pulls();
      pod.waits("ErrImagePull", "not found");
      pod.pulls();
      pod.ends();
    };
    const cluster = (await open(fake)).watched();
    await cluster.pods.listed;
    const states: string[] = [];
    cluster.pods.onChange((_, pod) => states.push(`${pod?.phase} ${pod?.waiting?.reason} ${pod?.imageId}`));
    const pod = await cluster.createPod(pullOf("a", nodeNamed("n1")), owner, never);
    await seen(cluster.pods, pod.name, (pod) => pod?.phase === "Succeeded");
    expect(states).toEqual([
      "Pending undefined ",
      "Pending ContainerCreating ",
      "Pending ErrImagePull ",
      "Pending ContainerCreating ",
      `Succeeded undefined registry.example.org/sciplat/lab@${pod.digest}`,
    ]);
  });
});

/** Waits until all was known to be so at that time. */
async function readSince(feed: { readonly readTime: number }, time: number): Promise<void> {
  while (feed.readTime < time) await new Promise(setImmediate);
}
