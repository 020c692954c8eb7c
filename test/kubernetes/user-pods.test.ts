import { describe, expect, it } from "vitest";
import { waitsForImage } from "../../src/kubernetes/user-pods.ts";
import type { Json } from "../support/kubernetes-store.ts";
import { never, nodeNamed, open, owner, pullOf, startFake } from "./support.ts";

const now = Date.parse("2077-10-28T12:00:00Z");
const ago = (seconds: number) => new Date(now - seconds * 1_000).toISOString();
const user = (status: Json, metadata: Json = {}): Json => ({
  metadata: { namespace: "users", name: "jupyter", creationTimestamp: ago(7_200), ...metadata },
  status: { phase: "Pending", ...status },
});
const waiting = (reason: string, imageID = "") => ({ imageID, state: { waiting: { reason } } });
const container = (status: Json) => user({ containerStatuses: [status] });
const scheduled = (seconds: number) => ({
  conditions: [{ type: "PodScheduled", status: "True", lastTransitionTime: ago(seconds) }],
});

describe("a user's pod", () => {
  it.each([
    ["is being pulled for", container(waiting("ContainerCreating"))],
    ["waits for an init container, and has no image yet", container(waiting("PodInitializing"))],
    ["waits for no reason that is told", container(waiting(""))],
    ["has a container of no state", container({ imageID: "", state: {} })],
    ["has a container of null", container(null)],
    [
      "has one container that has its image and one that has not",
      user({ containerStatuses: [waiting("ContainerCreating", "x@y"), waiting("ContainerCreating")] }),
    ],
    [
      "has an init container that has none",
      user({
        initContainerStatuses: [waiting("ContainerCreating")],
        containerStatuses: [waiting("PodInitializing", "x@y")],
      }),
    ],
    ["was put to the node just now", user(scheduled(30))],
    ["was made just now", user({}, { creationTimestamp: ago(10) })],
  ])("waits where it %s", (_, pod) => {
    expect(waitsForImage(pod, now)).toBe(true);
  });

  it.each([
    ["has its image", container(waiting("ContainerCreating", "x@y"))],
    ["backs off", container(waiting("ImagePullBackOff"))],
    ["could not pull", container(waiting("ErrImagePull"))],
    ["has a name that is none", container(waiting("InvalidImageName"))],
    ["is wrongly configured", container(waiting("CreateContainerConfigError"))],
    ["runs", container({ imageID: "", state: { running: { startedAt: ago(1) } } })],
    ["has ended", container({ imageID: "", state: { terminated: { exitCode: 1 } } })],
    ["is not looked at by the kubelet for long", user(scheduled(61))],
    ["is from nobody knows when", user({}, { creationTimestamp: null })],
    [
      "is being deleted",
      user({ containerStatuses: [waiting("ContainerCreating")] }, { deletionTimestamp: ago(1) }),
    ],
    [
      "is a prepuller's",
      user(
        { containerStatuses: [waiting("ContainerCreating")] },
        { labels: { "app.kubernetes.io/managed-by": "image-source-prepuller" } },
      ),
    ],
    ["is nothing", null],
  ])("does not wait where it %s", (_, pod) => {
    expect(waitsForImage(pod, now)).toBe(false);
  });
});

describe("whether users wait on a node", () => {
  const recent = (name: string, node: string, phase = "Pending"): Json => ({
    metadata: { namespace: "users", name },
    spec: { nodeName: node, containers: [{ name: "x", image: "x" }] },
    status: { phase, containerStatuses: [waiting("ContainerCreating")] },
  });

  it("is asked for that node, in all namespaces, and own pods do not count", async () => {
    const fake = await startFake();
    fake.kubelet = () => {};
    const cluster = (await open(fake)).watched();
    await cluster.createPod(pullOf("a", nodeNamed("n1")), owner, never);
    fake.store.create("pods", recent("a", "n2"));
    fake.store.create("pods", recent("b", "n1", "Running"));
    expect(await cluster.usersAreWaiting("n1", never)).toBe(false);
    expect(await cluster.usersAreWaiting("n2", never)).toBe(true);
    fake.store.create("pods", recent("c", "n1"));
    expect(await cluster.usersAreWaiting("n1", never)).toBe(true);
    expect(fake.requests.at(-1)).toMatchObject({ path: "/api/v1/pods" });
    expect(fake.requests.at(-1)?.query.get("fieldSelector")).toBe("spec.nodeName=n1,status.phase=Pending");
  });

  it("cannot be told without the right to", async () => {
    const fake = await startFake();
    const cluster = (await open(fake)).watched();
    await cluster.pods.listed;
    fake.always("list pods", { status: 403, reason: "Forbidden", message: "pods is forbidden" });
    await expect(cluster.usersAreWaiting("n1", never)).rejects.toMatchObject({ status: 403, refused: true });
  });
});
