/** What can happen to the pods of pulls, and what follows. */
import { describe, expect, it } from "vitest";
import { podName } from "../../src/kubernetes/pod-name.ts";
import { hangingKubelet, type Kubelet, promptKubelet } from "../support/kubernetes-kubelet.ts";
import { stoppedClock, until, world } from "./world.ts";

const tag = "w_2077_43";
/** Of a first failure, by the clock of tests. */
const backOff = 26_250;

/** Does the one with the first pod, and pulls the others. */
function first(script: Kubelet): Kubelet {
  let count = 0;
  return (pod) => {
    count += 1;
    if (count === 1) script(pod);
    else promptKubelet(pod);
  };
}

describe("a pod", () => {
  it("ends with its image: it is marked and deleted, and no second one is made", async () => {
    const { fake, pods, holders, listings, run } = await world({ nodes: ["n1", "n2"] });
    const one = await run();
    await until("both nodes hold it", async () => (await holders(tag)).length === 2 && pods.now.length === 0);
    const before = listings();
    await until("two more rounds are over", () => listings() >= before + 3);
    expect(pods.made).toHaveLength(2);
    expect(fake.count("delete pods")).toBe(2);
    expect(await one.metric("pulls_started_total")).toBe(2);
    expect(await one.metric("pulls_succeeded_total")).toBe(2);
  });

  it("vanishes: that is no pull, and it is tried again after the back-off", async () => {
    const clock = stoppedClock();
    const kubelet = first((pod) => {
      pod.pulls();
      pod.vanishes();
    });
    const { pods, holders, run } = await world({ kubelet });
    const one = await run({}, clock);
    await until("it is told", () => one.said("not pulled: somebody else deleted the pod"));
    expect(await holders(tag)).toEqual([]);
    expect(await one.metric('pulls_failed_total{reason="pod vanished"}')).toBe(1);
    await clock.passSleep(backOff, backOff);
    await until("the node holds it", async () => (await holders(tag)).length === 1);
    expect(pods.made).toHaveLength(2);
  });

  it("vanishes as soon as it is made, before the prepuller has heard that it was: the same", async () => {
    const clock = stoppedClock();
    const { fake, pods, run } = await world({ kubelet: hangingKubelet });
    let isGone = false;
    fake.store.onChange(({ resource, before, after }) => {
      if (resource !== "pods" || before || !after || isGone) return;
      isGone = true;
      queueMicrotask(() => fake.removePod(after.json.metadata.name));
    });
    const one = await run({}, clock);
    await until("it is told", () => one.said("not pulled: somebody else deleted the pod"));
    await clock.passSleep(backOff, backOff);
    await until("a second one is made", () => pods.made.length === 2);
  });

  it("of that name is there and our own: it is adopted", async () => {
    const { fake, pods, holders, run } = await world();
    fake.fail("create pods", "done, then reset"); // the answer is lost, the pod is not
    await run();
    await until("the node holds it", async () => (await holders(tag)).length === 1 && pods.now.length === 0);
    expect(fake.count("create pods")).toBe(2);
    expect(pods.made).toHaveLength(1);
  });

  it("of that name is there and somebody else's: ours takes another name, that one is let alone", async () => {
    const { fake, pods, digest, holders, run } = await world();
    const name = podName({ digest: await digest(tag), tag, node: "n1", lease: "image-source-prepuller" });
    const container = { name: "x", image: "busybox@sha256:0" };
    const foreign = {
      metadata: { name, namespace: fake.namespace },
      spec: { nodeName: "n0", containers: [container] },
    };
    fake.store.create("pods", foreign);
    await run();
    await until("the node holds it", async () => (await holders(tag)).length === 1 && pods.now.length === 0);
    expect(pods.made.map((pod) => pod.name)).not.toContain(name);
    expect(fake.pods().map(({ metadata }) => metadata.name)).toEqual([name]);
  });

  it("is owned by the lease, so that whoever deletes that deletes it", async () => {
    const { fake, pods, run } = await world({ kubelet: hangingKubelet });
    await run();
    await until("it is made", () => pods.now.length === 1);
    const { uid, name } = fake.lease("image-source-prepuller").metadata;
    expect(fake.pods()[0].metadata.ownerReferences).toMatchObject([{ kind: "Lease", name, uid }]);
  });
});

describe("a pull fails", () => {
  it.each([
    ["the image was deleted from the registry", "ErrImagePull", "manifest unknown: not found"],
    ["the pull secret is wrong", "ErrImagePull", "401 Unauthorized"],
    ["the kubelet backs off already", "ImagePullBackOff", "Back-off pulling image"],
  ])("since %s: the reason is in the log, the metric and the list of --once", async (_, reason, message) => {
    const kubelet: Kubelet = (pod) => (pod.node === "n1" ? pod.waits(reason, message) : promptKubelet(pod));
    const { fake, pods, holders, open } = await world({ nodes: ["n1", "n2"], kubelet });
    const config = await open();
    const { report } = await config.once();
    const image = expect.stringContaining(tag);
    expect(report.missing).toEqual([{ node: "n1", image, reason: `${reason}: ${message}` }]);
    expect(config.said(`not pulled: ${message}`)).toMatchObject({ level: "warn", node: "n1", image, reason });
    expect(await config.metric(`pulls_failed_total{reason="${reason}"}`)).toBe(1);
    expect(await holders(tag)).toEqual(["n2"]);
    expect(pods.made).toHaveLength(2);
    expect(fake.pods()).toEqual([]);
  });

  it.each([
    ["quota", 'pods "prepull" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=9'],
    ["admission", 'admission webhook "policy.example.org" denied the request'],
  ])("since %s rejects the pod: it is reported, and other nodes go on", async (_, message) => {
    const { fake, holders, open } = await world({ nodes: ["n1", "n2"] });
    const no = { status: 403, reason: "Forbidden", message };
    fake.always("create pods", ({ body }) => (body.spec.nodeName === "n1" ? no : "answer"));
    const one = await open();
    const { report } = await one.once();
    expect(report.missing).toMatchObject([{ node: "n1", reason: expect.stringContaining(message) }]);
    expect(report.missing[0]?.reason).toMatch(/^Forbidden: /);
    expect(await one.metric('pulls_failed_total{reason="Forbidden"}')).toBe(1);
    expect(await holders(tag)).toEqual(["n2"]);
  });

  it("since the node rejects the pod again and again: one pod for each back-off, which doubles to 10 min", async () => {
    const clock = stoppedClock();
    const { pods, run } = await world({ kubelet: (pod) => pod.fails("OutOfpods", "Too many pods") });
    const one = await run({}, clock);
    await until("the first is rejected", () => one.lines.some(({ reason }) => reason === "OutOfpods"));
    for (const [index, wait] of [26_250, 52_500, 105_000, 210_000, 420_000, 525_000, 525_000].entries()) {
      await clock.passSleep(wait, wait);
      await until("the next is rejected and gone", async () => {
        const failed = await one.metric('pulls_failed_total{reason="OutOfpods"}');
        return failed === index + 2 && pods.now.length === 0;
      });
    }
    expect(pods.made).toHaveLength(8);
  });
});
