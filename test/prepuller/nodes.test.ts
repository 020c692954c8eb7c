/** What nodes do while the prepuller is at work, and nodes that are not as they should be. */
import { describe, expect, it } from "vitest";
import { hangingKubelet, podOnNode, promptKubelet } from "../support/kubernetes-kubelet.ts";
import { manyImages } from "../support/kubernetes-objects.ts";
import { stoppedClock, until, untilInTime, type World, world } from "./world.ts";

const tag = "w_2077_43";

/** Waits for rounds that begin from now on. */
async function rounds({ listings }: World, count = 2): Promise<void> {
  const before = listings();
  // The first one may have begun before.
  await until(`${count} rounds are over`, () => listings() > before + count);
}

describe("a node", () => {
  it("vanishes in the middle of a pull: that is told, and its pod deleted", async () => {
    const { fake, pods, holders, run } = await world({ kubelet: hangingKubelet });
    const one = await run();
    await until("the pull is begun", () => pods.now.length === 1);
    fake.removeNode("n1");
    await until("it is told", () => one.said("not pulled: the node vanished"));
    await until("its pod is deleted", () => pods.now.length === 0);
    expect(await one.metric('pulls_failed_total{reason="node vanished"}')).toBe(1);
    expect(await one.metric("nodes_eligible")).toBe(0);
    expect(await holders(tag)).toEqual([]);
  });

  it("becomes unschedulable in the middle of a round: its pull ends, and no other begins until it is back", async () => {
    const tags = ["w_2077_42", tag];
    const small = await world({ tags, kubelet: hangingKubelet });
    const { fake, pods, holders, run } = small;
    const one = await run();
    await until("the pull is begun", () => pods.now.length === 1);
    fake.changeNode("n1", ({ spec }) => {
      spec.unschedulable = true;
    });
    await until("it is told", () => one.said("a node is not eligible"));
    expect(one.said("a node is not eligible")).toMatchObject({ node: "n1", reason: "cordoned" });
    podOnNode(fake.pods()[0], fake.store).ends();
    await until("it is marked", async () => (await holders(tag)).length === 1 && pods.now.length === 0);
    await rounds(small);
    expect(pods.made).toHaveLength(1);
    fake.kubelet = promptKubelet;
    fake.changeNode("n1", ({ spec }) => {
      spec.unschedulable = false;
    });
    await until("the other one is pulled", async () => (await holders("w_2077_42")).length === 1);
  });

  it("comes back under its name with an empty disk: everything is pulled anew", async () => {
    const small = await world();
    const { fake, pods, holders, run } = small;
    await run();
    await until("it holds the image", async () => (await holders(tag)).length === 1 && pods.now.length === 0);
    await rounds(small); // the service's answer names the node now
    fake.removeNode("n1");
    fake.addNode({ name: "n1" });
    await until("it is pulled anew", () => pods.made.length === 2 && pods.now.length === 0);
    await until("it holds the image", async () => (await holders(tag)).length === 1);
    await rounds(small);
    expect(pods.made).toHaveLength(2);
  });

  it("comes back in the middle of a pull: the old machine's pull counts for nothing", async () => {
    const { fake, pods, run } = await world({ kubelet: hangingKubelet });
    const one = await run();
    await until("the pull is begun", () => pods.now.length === 1);
    fake.kubelet = promptKubelet;
    fake.removeNode("n1");
    fake.addNode({ name: "n1" });
    await until("it is told", () => one.said("not pulled: the node vanished"));
    await until("it is pulled anew", async () => (await one.metric("pulls_succeeded_total")) === 1);
    expect(pods.made).toHaveLength(2);
  });

  it.each([
    ["`names: null` among its images", { images: [{ names: null, sizeBytes: 1 }, ...manyImages(3)] }],
    ["a name of 253 characters", { name: `${"n".repeat(241)}.example.org` }],
    ["images that are null", { images: [null as unknown as object] }],
  ])("has %s: it is served as any other", async (_, parts) => {
    const node = { name: "n1", ...parts };
    const { pods, holders, run } = await world({ nodes: [node] });
    await run();
    await until("it holds the image", async () => (await holders(tag)).length === 1 && pods.now.length === 0);
    expect(await holders(tag)).toEqual([node.name]);
    expect(pods.made).toHaveLength(1);
    expect(pods.made[0]?.name.length).toBeLessThanOrEqual(63);
  });

  it("lists 50 images, and so not all that it holds: what was pulled stays marked", async () => {
    const node = { name: "n1", images: manyImages(50) };
    const small = await world({ nodes: [node], kubelet: (pod) => pod.ends() });
    const { pods, holders, run } = small;
    await run({ nodeStatusLag: 0 });
    await until("it holds the image", async () => (await holders(tag)).length === 1);
    await rounds(small, 3);
    expect(await holders(tag)).toEqual(["n1"]);
    expect(pods.made).toHaveLength(1);
  });

  it("has no status: it gets no pod, and others go on", async () => {
    const { fake, pods, holders, run } = await world();
    fake.store.create("nodes", { metadata: { name: "bare" } });
    const one = await run();
    await until("the other one holds the image", async () => (await holders(tag)).length === 1);
    expect(one.said("a node is not eligible")).toMatchObject({ node: "bare", reason: "not ready" });
    expect(pods.made.map(({ node }) => node)).toEqual(["n1"]);
  });
});

describe("no node", () => {
  it("matches the node selector: --once says that none is eligible", async () => {
    const { pods, open } = await world({ nodes: [{ name: "n1", labels: { pool: "others" } }] });
    const one = await open({ nodeSelector: { pool: "users" } });
    const { report } = await one.once();
    expect(report).toEqual({ eligible: 0, ineligible: [], wanted: 0, missing: [] });
    expect(pods.made).toEqual([]);
  });

  it("is eligible: --once says why", async () => {
    const taint = { key: "gpu", value: "true", effect: "NoSchedule" };
    const { pods, open } = await world({ nodes: [{ name: "n1", taints: [taint] }] });
    const { report } = await (await open()).once();
    const reason = "tainted (NoSchedule, gpu = true)";
    expect(report).toMatchObject({ eligible: 0, ineligible: [{ node: "n1", reason }], missing: [] });
    expect(pods.made).toEqual([]);
  });
});

describe("many nodes", () => {
  it("are served with at most maxConcurrentNodes at once", async () => {
    const nodes = Array.from({ length: 7 }, (_, index) => `n${index}`);
    const { pods, holders, run } = await world({ nodes, tags: ["w_2077_42", tag] });
    await run({ maxConcurrentNodes: 2 });
    await until(
      "all hold it",
      async () => (await holders("w_2077_42")).length === 7 && pods.now.length === 0,
    );
    expect(pods.mostNodes).toBe(2);
    expect(pods.made).toHaveLength(14);
  });

  it("join at once, 200: the service is not asked again, and requests come at the rate of requestsPerSecond", async () => {
    const clock = stoppedClock();
    const { fake, pods, listings, addNode, run } = await world({ nodes: [] });
    const perSecond = 20;
    const began = clock.now();
    const one = await run({ requestsPerSecond: perSecond }, clock);
    await untilInTime(clock, "it is ready", () => one.isReady());
    const asked = listings();
    for (let index = 0; index < 200; index += 1) addNode({ name: `n${index}` });
    let most = 0;
    await untilInTime(clock, "all are served", async () => {
      most = Math.max(most, fake.requests.length / (1 + (clock.now() - began) / 1_000));
      return pods.made.length === 200 && pods.now.length === 0;
    });
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(perSecond);
    expect(listings()).toBe(asked);
    expect(fake.count("list nodes")).toBe(1);
    expect(fake.count("create pods")).toBe(200);
    expect(fake.count("delete pods")).toBe(200);
    expect(await one.metric("images_present")).toBe(200);
  });
});
