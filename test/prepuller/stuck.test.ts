/** Pulls that do not end in time, and what holds up what. */
import { describe, expect, it } from "vitest";
import { hangingKubelet, type Kubelet, podOnNode, promptKubelet } from "../support/kubernetes-kubelet.ts";
import { stoppedClock, until, untilInTime, type World, world } from "./world.ts";

const timeout = 600_000;
const tags = ["w_2077_42", "w_2077_43"];

const hangsOn =
  (...nodes: readonly string[]): Kubelet =>
  (pod) =>
    nodes.includes(pod.node) ? hangingKubelet(pod) : promptKubelet(pod);

/** The pod that is there on a node. */
function podOf({ fake }: World, node: string) {
  const pod = fake.pods().find(({ spec }) => spec.nodeName === node);
  return podOnNode(pod, fake.store);
}

/** On `n1` a pull is stuck, `n2` is well; both want two images. */
async function stuck() {
  const clock = stoppedClock();
  const small = await world({ nodes: ["n1", "n2"], tags, kubelet: hangsOn("n1") });
  const one = await small.run({}, clock);
  await until("n2 is done", async () => (await one.metric("images_present")) === 2);
  await clock.passSleep(timeout, timeout);
  await until("n1 is stuck", () => one.said("stuck"));
  return { ...small, clock, one, small };
}

describe("a pull that is not done in time", () => {
  it("is reported as stuck, with its node and image, in log and metrics", async () => {
    const { one } = await stuck();
    expect(one.said("stuck")).toMatchObject({
      level: "warn",
      node: "n1",
      image: expect.stringContaining("w_2077_43"),
    });
    expect(await one.metric("nodes_stuck")).toBe(1);
    expect(await one.metric('node_stuck{node="n1"}')).toBe(1);
    expect(await one.metric('node_stuck{node="n2"}')).toBeUndefined();
  });

  it("lets no other pull begin on its node, and does not hold up other nodes", async () => {
    const { addNode, pods, one } = await stuck();
    addNode({ name: "n3" });
    await until("a new node is done", async () => (await one.metric("images_present")) === 4);
    await until("no other pod is left", () => pods.now.length === 1);
    expect(pods.made.filter(({ node }) => node === "n1")).toHaveLength(1);
    expect(pods.now.map(({ node }) => node)).toEqual(["n1"]);
  });

  it("does not count among the nodes that are served at once", async () => {
    const clock = stoppedClock();
    const { pods, run, holders } = await world({ nodes: ["n1", "n2", "n3"], kubelet: hangsOn("n1") });
    const one = await run({ maxConcurrentNodes: 1 }, clock);
    await until("n1 is begun", () => pods.now.length === 1);
    await clock.passSleep(timeout, timeout);
    await until("the others are done", async () => (await holders("w_2077_43")).length === 2);
    expect(one.said("stuck")?.node).toBe("n1");
  });

  it.each(["its pod shows the image", "the node lists the image"])(
    "ends when %s: the next begins",
    async (how) => {
      const { fake, holders, one, small } = await stuck();
      fake.kubelet = promptKubelet;
      if (how.startsWith("its pod")) podOf(small, "n1").ends();
      else podOf(small, "n1").isListed();
      await until("both images are there", async () => (await one.metric("images_present")) === 4);
      expect(await one.metric("nodes_stuck")).toBe(0);
      for (const tag of tags) expect(await holders(tag)).toEqual(["n1", "n2"]);
    },
  );

  it("is still known after a restart: no second pod, and other nodes go on", async () => {
    const { addNode, pods, clock, one, run } = await stuck();
    await one.stop();
    const [left] = pods.now;
    addNode({ name: "n3" });
    const two = await run({}, clock);
    await untilInTime(clock, "it is known", () => two.said("stuck"));
    await until("the new node is done", async () => (await two.metric("images_present")) === 4);
    expect(await two.metric('node_stuck{node="n1"}')).toBe(1);
    await until("no other pod is left", () => pods.now.length === 1);
    expect(pods.now).toEqual([left]);
  });

  it("is missing in the list of --once, with all that waits behind it", async () => {
    const clock = stoppedClock();
    const { open, pods } = await world({ nodes: ["n1"], tags, kubelet: hangingKubelet });
    const one = await open({}, clock);
    const done = one.once();
    await until("it is begun", () => pods.now.length === 1);
    await clock.passSleep(timeout, timeout);
    const { report } = await done;
    const reasons = report.missing.map(({ reason }) => reason);
    expect(reasons).toEqual(["stuck", expect.stringMatching(/^the node is stuck with .*w_2077_43/)]);
    expect(pods.now).toHaveLength(1);
  });
});

it("--once, interrupted, deletes its pods but the stuck ones", async () => {
  const clock = stoppedClock();
  const { open, pods } = await world({ nodes: ["n1", "n2"], kubelet: hangingKubelet });
  const one = await open({ maxConcurrentNodes: 1 }, clock);
  const done = one.once();
  const failed = expect(done).rejects.toThrow("stopped");
  await until("n1 is begun", () => pods.now.length === 1);
  await clock.passSleep(timeout, timeout);
  await until("n2 is begun", () => pods.now.length === 2);
  await one.stop();
  await failed;
  expect(pods.now.map(({ node }) => node)).toEqual(["n1"]);
  expect(pods.made).toHaveLength(2);
});
