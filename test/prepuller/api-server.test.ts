/** The API server refuses, breaks off, falls silent or is gone: work goes on when it is back, and nothing is done twice. */
import { describe, expect, it } from "vitest";
import { hangingKubelet, podOnNode, promptKubelet } from "../support/kubernetes-kubelet.ts";
import type { Resource } from "../support/kubernetes-store.ts";
import { stoppedClock, until, untilInTime, world } from "./world.ts";

const tag = "w_2077_43";
const busy = { status: 429, reason: "TooManyRequests", retryAfter: 1 };
const broken = { status: 500, reason: "InternalError" };

describe("the API server", () => {
  it.each([
    "list nodes",
    "watch nodes",
    "list pods",
    "watch pods",
    "get leases",
    "create leases",
    "create pods",
    "delete pods",
  ] as const)(
    "answers `%s` with 429, 500 and a connection reset: it is asked again, and all is done once",
    async (what) => {
      const clock = stoppedClock();
      const { fake, pods, holders, run } = await world({ nodes: ["n1", "n2"] });
      fake.fail(what, busy, broken, "reset", { status: 503, html: "<h1>proxy</h1>" });
      await run({}, clock);
      const isDone = async () => (await holders(tag)).length === 2 && pods.now.length === 0;
      await untilInTime(clock, "all is done", async () => fake.count(what) > 4 && (await isDone()));
      expect(pods.made).toHaveLength(2);
    },
  );

  it("refuses to make a pod for so long that it is given up: it is told, and tried again after the back-off", async () => {
    const clock = stoppedClock();
    const { fake, pods, holders, run } = await world();
    const stop = fake.always("create pods", broken);
    const one = await run({}, clock);
    await untilInTime(clock, "it is given up", () => one.said("not pulled"));
    expect(one.said("not pulled")).toMatchObject({ reason: "cluster unavailable", node: "n1" });
    expect(fake.count("create pods")).toBe(5);
    stop();
    await clock.passSleep(26_250, 26_250);
    await until("it is pulled", async () => (await holders(tag)).length === 1);
    expect(pods.made).toHaveLength(1);
  });

  it("is gone in the middle of pulls: they are ended when it is back, without a second pod", async () => {
    const clock = stoppedClock();
    const { fake, pods, holders, run } = await world({ nodes: ["n1", "n2"], kubelet: hangingKubelet });
    await run({}, clock);
    await until("both are begun", () => pods.now.length === 2);
    await fake.stop();
    for (const pod of fake.pods()) podOnNode(pod, fake.store).ends(); // kubelets go on pulling
    await fake.start();
    await untilInTime(
      clock,
      "both are ended",
      async () => (await holders(tag)).length === 2 && pods.now.length === 0,
    );
    expect(pods.made).toHaveLength(2);
  });

  it("is gone before anything is begun: everything is done when it comes", async () => {
    const clock = stoppedClock();
    const { fake, pods, holders, run } = await world();
    await fake.stop();
    const one = await run({}, clock);
    await untilInTime(clock, "it is told", () => one.said("cannot read lease"));
    expect(await one.isReady()).toBe(false);
    await fake.start();
    await untilInTime(
      clock,
      "it is done",
      async () => (await holders(tag)).length === 1 && pods.now.length === 0,
    );
    expect(pods.made).toHaveLength(1);
  });
});

/** What a test does to a watch, and how long until that is noticed. */
const watchEnds = [
  ["is closed", "end"],
  ["is reset", "reset"],
  ["is 410 Gone", "expire"],
  ["is silent for 5 minutes", "silence"],
] as const;

describe("a watch", () => {
  it.each(watchEnds)("of nodes %s: a node that comes meanwhile is served", async (_, end) => {
    const { clock, fake, holders, addNode, breakWatch } = await watched("nodes");
    breakWatch(end);
    addNode({ name: "n2" });
    const isServed = async () => (await holders(tag)).length === 2;
    await untilInTime(clock, "it is served", isServed, end === "silence" ? 10_000 : 250);
    expect(fake.mostWatches("nodes")).toBe(1);
  });

  it.each(watchEnds)("of pods %s: a pull that ends meanwhile is seen to end", async (_, end) => {
    const { clock, fake, pods, holders, addNode, breakWatch } = await watched("pods");
    fake.kubelet = hangingKubelet;
    addNode({ name: "n2" });
    await until("it is begun", () => pods.now.length === 1);
    breakWatch(end);
    podOnNode(fake.pods()[0], fake.store).ends();
    const isSeen = async () => (await holders(tag)).length === 2 && pods.now.length === 0;
    await untilInTime(clock, "it is seen", isSeen, end === "silence" ? 10_000 : 250);
    expect(pods.made).toHaveLength(2);
    expect(fake.mostWatches("pods")).toBe(1);
  });
});

/** A prepuller that has nothing to do any more, and its watch. */
async function watched(resource: Resource) {
  const clock = stoppedClock();
  const small = await world();
  const { fake, pods, holders, run } = small;
  fake.kubelet = promptKubelet;
  await run({}, clock);
  await until("all is done", async () => (await holders(tag)).length === 1 && pods.now.length === 0);
  function breakWatch(end: (typeof watchEnds)[number][1]) {
    const [watch] = fake.watches(resource);
    if (!watch) throw new Error(`nobody watches ${resource}`);
    if (end === "expire") fake.compact();
    watch[end]();
  }
  return { ...small, clock, breakWatch };
}
