/** Which images are pulled where and in which order, and what becomes of them. */
import { describe, expect, it } from "vitest";
import { hangingKubelet, podOnNode, promptKubelet } from "../support/kubernetes-kubelet.ts";
import { digestOf, manyImages } from "../support/kubernetes-objects.ts";
import { repository, stoppedClock, until, world } from "./world.ts";

const tag = "w_2077_43";

describe("an image", () => {
  it("is evicted after our pull: it is not pulled again before the back-off of 10 min has passed", async () => {
    const clock = stoppedClock();
    const { fake, pods, holders, listings, run } = await world();
    const interval = 70_000;
    const one = await run({ refreshInterval: interval, nodeStatusLag: 0 }, clock);
    await until("it is pulled", async () => (await holders(tag)).length === 1 && pods.now.length === 0);
    const round = async () => {
      const before = listings();
      await clock.passSleep(interval, interval);
      await until("a round is over", () => listings() > before && clock.sleeps().includes(interval));
    };
    await round();
    await clock.pass(1_000); // else somebody else would sleep as long as the rounds do
    fake.changeNode("n1", ({ status }) => {
      status.images = manyImages(3);
    });
    await until("it is told", () => one.said("evicted"));
    expect(one.said("evicted")).toMatchObject({
      level: "warn",
      node: "n1",
      image: expect.stringContaining(tag),
    });
    await round();
    expect(await holders(tag)).toEqual([]);
    for (let count = 1; count <= 5; count += 1) await round();
    expect(pods.made).toHaveLength(1);
    await clock.passSleep(525_000, 525_000);
    await until("it is pulled again", () => pods.made.length === 2);
  });

  it("gets a new digest while the old one is being pulled: the new one is next, the old one is not marked", async () => {
    const { fake, pods, registry, digest, holders, listings, run } = await world({ kubelet: hangingKubelet });
    await run();
    await until("the old one is begun", () => pods.now.length === 1);
    const old = await digest(tag);
    registry.push(repository, tag, '{"schemaVersion":2,"annotations":{"moved":"yes"}}');
    const before = listings();
    await until("a round has seen it", () => listings() > before + 2);
    podOnNode(fake.pods()[0], fake.store).ends();
    await until("the new one is begun", () => pods.made.length === 2);
    expect(await holders(tag)).toEqual([]);
    expect(pods.made.map((pod) => pod.digest)).toEqual([old, await digest(tag)]);
    podOnNode(fake.pods()[0], fake.store).ends();
    await until("the new one is marked", async () => (await holders(tag)).length === 1);
    expect(pods.made).toHaveLength(2);
  });

  it("is marked and not listed by the kubelet yet: the mark survives the next rounds", async () => {
    const { fake, pods, holders, listings, run } = await world({ kubelet: (pod) => pod.ends() });
    await run();
    await until("it is marked", async () => (await holders(tag)).length === 1);
    fake.changeNode("n1", ({ status }) => {
      status.images = manyImages(3); // a new list of the node, without it
    });
    const before = listings();
    await until("rounds are over", () => listings() > before + 3);
    expect(await holders(tag)).toEqual(["n1"]);
    expect(pods.made).toHaveLength(1);
  });

  it("without a digest is reported, and gets no pod", async () => {
    const images = [{ tag }, { tag: "w_2077_42", digest: digestOf("w_2077_42") }];
    const source = { type: "static", registry: "registry.example.org", repository, images };
    const { pods, open } = await world({ source });
    const { report } = await (await open()).once();
    const image = `registry.example.org/${repository}:${tag}`;
    expect(report.missing).toEqual([{ node: "", image, reason: "no digest" }]);
    expect(pods.made.map(({ digest }) => digest)).toEqual([digestOf("w_2077_42")]);
  });

  it("for another architecture gets no pod", async () => {
    const arm = "w_2077_43-arm64";
    const tags = [tag, arm];
    const nodes = [{ name: "n1" }, { name: "n2", architecture: "arm64" }];
    const { pods, digest, holders, open } = await world({ nodes, tags, source: { pin: [arm] } });
    const { report } = await (await open()).once();
    expect(report).toMatchObject({ wanted: 3, missing: [] });
    expect(await holders(arm)).toEqual(["n2"]);
    const special = await digest(arm);
    expect(pods.made.filter((pod) => pod.digest === special)).toMatchObject([{ node: "n2" }]);
    expect(pods.made).toHaveLength(3);
  });

  it("that is recommended comes first, then the others as the service orders them", async () => {
    const tags = ["w_2077_40", "w_2077_41", "w_2077_42", tag];
    const { pods, digest, open } = await world({ tags, source: { recommendedTag: "w_2077_41" } });
    await (await open()).once();
    const order = ["w_2077_41", tag, "w_2077_42", "w_2077_40"];
    expect(pods.made.map((pod) => pod.digest)).toEqual(await Promise.all(order.map(digest)));
  });

  it("has two tags: one pull, and both are marked", async () => {
    const { pods, registry, holders, run } = await world();
    const manifest = '{"schemaVersion":2}';
    for (const name of [tag, "w_2077_42"]) registry.push(repository, name, manifest);
    await run();
    await until(
      "both are marked",
      async () => (await holders(tag)).length + (await holders("w_2077_42")).length === 2,
    );
    expect(pods.made).toHaveLength(1);
  });

  it("ends with an image ID under another digest: it counts as pulled, and is not pulled again", async () => {
    const other = `registry.example.org/lab@${digestOf("another index")}`;
    const { pods, holders, listings, run } = await world({ kubelet: (pod) => pod.ends(other) });
    await run();
    await until("it is marked", async () => (await holders(tag)).length === 1 && pods.now.length === 0);
    const before = listings();
    await until("rounds are over", () => listings() > before + 3);
    expect(pods.made).toHaveLength(1);
  });
});

describe("users first", () => {
  const users = {
    metadata: { name: "user", namespace: "users" },
    spec: { nodeName: "n1", containers: [{ name: "lab", image: "lab@sha256:0" }] },
    status: {
      phase: "Pending",
      containerStatuses: [{ name: "lab", imageID: "", state: { waiting: { reason: "ContainerCreating" } } }],
    },
  };

  it("a pull waits while a user's pod waits for its image on that node; other nodes do not", async () => {
    const clock = stoppedClock();
    const { fake, pods, holders, run } = await world({ nodes: ["n1", "n2"] });
    fake.kubelet = (pod) => pod.name === "user" || promptKubelet(pod);
    fake.store.create("pods", users);
    await run({ waitForUsers: true }, clock);
    await until("n2 holds it", async () => (await holders(tag)).length === 1);
    await clock.passSleep(5_000, 5_000);
    await clock.sleeper(5_000, 5_000); // it has asked again
    expect(pods.made.map(({ node }) => node)).toEqual(["n2"]);
    fake.store.delete("pods", "users/user");
    await clock.passSleep(5_000, 5_000);
    await until("n1 holds it", async () => (await holders(tag)).length === 2);
  });

  it("a pull waits for pullTimeout at most", async () => {
    const clock = stoppedClock();
    const { fake, pods, run } = await world();
    fake.kubelet = (pod) => pod.name === "user" || promptKubelet(pod);
    fake.store.create("pods", users);
    await run({ waitForUsers: true, pullTimeout: 10_000 }, clock);
    await clock.passSleep(5_000, 5_000);
    await clock.sleeper(5_000, 5_000);
    expect(pods.made).toEqual([]);
    await clock.passSleep(5_000, 5_000);
    await until("it is pulled all the same", () => pods.made.length === 1);
  });

  it("without the right to list pods that is told, and pulls go on", async () => {
    const { fake, holders, run } = await world({ tags: ["w_2077_42", tag] });
    const no = { status: 403, reason: "Forbidden", message: "pods is forbidden" };
    fake.always("list pods", ({ namespace }) => (namespace === undefined ? no : "answer"));
    const one = await run({ waitForUsers: true });
    await until("it holds both", async () => (await holders("w_2077_42")).length === 1);
    const told = one.lines.filter(({ msg }) => msg.startsWith("waitForUsers: cannot tell"));
    expect(told).toMatchObject([{ level: "error", msg: expect.stringContaining("pods is forbidden") }]);
  });
});
