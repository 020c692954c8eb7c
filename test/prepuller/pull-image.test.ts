/** One pull from its pod's making to its end. */
import { describe, expect, it } from "vitest";
import type { PullPod } from "../../src/domain/pull-pod.ts";
import { type Cluster, ClusterError } from "../../src/kubernetes/cluster.ts";
import { pullImage } from "../../src/prepuller/pull-image.ts";
import { manualClock } from "../support/kubernetes-clock.ts";
import { digestOf } from "../support/kubernetes-objects.ts";
import { feeds, nodeNamed, podNamed } from "./values.ts";

const digest = digestOf("a");
const owner = { name: "prepuller", uid: "1" };
const request = {
  digest,
  tag: "tag",
  reference: `registry.example.org/lab:tag@${digest}`,
  node: nodeNamed("n1"),
};

/** A pull whose pod is made so. */
function pull(make: (pods: ReturnType<typeof feeds>["pods"]) => PullPod) {
  const { nodes, pods } = feeds();
  const clock = manualClock();
  const ending = new AbortController();
  const createPod = () => new Promise<PullPod>((resolve) => resolve(make(pods)));
  const cluster = { nodes, pods, createPod } as unknown as Cluster;
  let stuck = 0;
  const options = {
    stuckAfter: 1_000,
    onStuck: () => {
      stuck += 1;
    },
    clock,
  };
  const ended = pullImage(request, cluster, owner, options, ending.signal);
  return { nodes, pods, clock, ending, ended, stuck: () => stuck };
}

const pod = podNamed("p1", digest);
const withImage = { ...pod, imageId: `registry.example.org/lab@${digest}` };

describe("a pull", () => {
  it("ends with the image ID that the pod shows", async () => {
    const { pods, ended } = pull(() => pod);
    pods.put(withImage);
    expect(await ended).toEqual({ pod, end: { kind: "pulled", digest } });
  });

  it("ends at once where its pod has come and gone before the answer that it was made", async () => {
    const { ended, clock } = pull((pods) => {
      pods.put(pod);
      pods.remove(pod.name);
      return pod;
    });
    expect((await ended).end).toMatchObject({ kind: "failed", reason: "pod vanished" });
    expect(clock.sleeps()).toEqual([]);
  });

  it("does not take a pod that is not listed yet for one that is gone", async () => {
    const { pods, ended } = pull(() => pod);
    pods.put(podNamed("another", digest));
    pods.remove("another");
    pods.put(pod);
    pods.put(withImage);
    expect((await ended).end.kind).toBe("pulled");
  });

  it("fails where its pod was never seen for all the time that it has", async () => {
    const { clock, ended, stuck } = pull(() => pod);
    await clock.passSleep(1_000, 1_000);
    expect((await ended).end).toMatchObject({ kind: "failed", reason: "pod vanished" });
    expect(stuck()).toBe(0);
  });

  it("is stuck after that time, once, and goes on", async () => {
    const { pods, clock, ended, stuck } = pull(() => pod);
    pods.put(pod);
    await clock.passSleep(1_000, 1_000);
    expect(stuck()).toBe(1);
    await clock.pass(100_000);
    pods.put(withImage);
    expect((await ended).end.kind).toBe("pulled");
    expect(stuck()).toBe(1);
  });

  it("takes another pod of its name for no word of its own", async () => {
    const { pods, ended } = pull(() => pod);
    pods.put(pod);
    pods.put({ ...withImage, uid: "another" });
    expect((await ended).end).toMatchObject({ kind: "failed", reason: "pod vanished" });
  });

  it.each([
    [{ status: 403, reason: "Forbidden" }, "Forbidden"],
    [{ status: 422 }, "refused"],
    [{ status: 500, reason: "InternalError" }, "cluster unavailable"],
    [{ status: 0 }, "cluster unavailable"],
  ])("whose pod cannot be made, %o, fails: %s", async (error, reason) => {
    const { ended } = pull(() => {
      throw new ClusterError("no", error);
    });
    expect(await ended).toEqual({ pod: undefined, end: { kind: "failed", reason, message: "no" } });
  });

  it("rejects with what is a fault of the program, and with the signal's reason", async () => {
    const bug = new Error("bug");
    const { ended } = pull(() => {
      throw bug;
    });
    await expect(ended).rejects.toBe(bug);
    const { ending, ended: other } = pull(() => pod);
    ending.abort(new Error("stop"));
    await expect(other).rejects.toThrow("stop");
  });
});
