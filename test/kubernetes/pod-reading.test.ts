import { describe, expect, it } from "vitest";
import { readPullPod } from "../../src/kubernetes/pod-reading.ts";
import { digestOf } from "../support/kubernetes-objects.ts";

const image = `registry.example.org/sciplat/lab@${digestOf("a")}`;
const bare = { metadata: { name: "p", uid: "u" }, spec: { nodeName: "n1", containers: [{ image }] } };
const status = (parts: object) => readPullPod({ ...bare, status: parts });
const container = (parts: object) => status({ phase: "Pending", containerStatuses: [parts] });

describe("a pod that is read", () => {
  it.each([
    [
      "is waiting for its image",
      container({ imageID: "", state: { waiting: { reason: "ContainerCreating" } } }),
      { waiting: { reason: "ContainerCreating", message: "" }, imageId: "" },
    ],
    [
      "cannot pull",
      container({ imageID: "", state: { waiting: { reason: "ErrImagePull", message: "not found" } } }),
      { waiting: { reason: "ErrImagePull", message: "not found" } },
    ],
    [
      "waits without a reason",
      container({ state: { waiting: {} } }),
      { waiting: { reason: "", message: "" } },
    ],
    [
      "has ended",
      container({ imageID: image, state: { terminated: { exitCode: 0 } } }),
      { waiting: undefined, imageId: image },
    ],
    [
      "was refused by the node",
      status({ phase: "Failed", reason: "OutOfcpu", message: "no cpu" }),
      { phase: "Failed", reason: "OutOfcpu", message: "no cpu", waiting: undefined, imageId: "" },
    ],
    [
      "was slower than its deadline",
      status({ phase: "Failed", reason: "DeadlineExceeded", containerStatuses: [{ imageID: image }] }),
      { phase: "Failed", reason: "DeadlineExceeded", imageId: image },
    ],
    [
      "has no status",
      readPullPod(bare),
      { phase: "Pending", reason: "", waiting: undefined, imageId: "", createTime: 0, isDeleting: false },
    ],
    ["has a status of null", readPullPod({ ...bare, status: null }), { phase: "Pending" }],
    [
      "has container statuses of null",
      status({ containerStatuses: null }),
      { imageId: "", waiting: undefined },
    ],
    [
      "has lost its annotations",
      readPullPod(bare),
      { node: "n1", nodeUid: "", reference: image, digest: digestOf("a") },
    ],
    [
      "has annotations of null",
      readPullPod({ ...bare, metadata: { name: "p", annotations: null } }),
      { node: "n1", uid: "", digest: digestOf("a") },
    ],
    [
      "names its image by tag only",
      readPullPod({ metadata: { name: "p" }, spec: { containers: [{ image: "lab:x" }] } }),
      { reference: "lab:x", digest: "" },
    ],
    [
      "is being deleted",
      readPullPod({ metadata: { name: "p", deletionTimestamp: "2077-10-28T12:00:00Z" } }),
      { isDeleting: true, node: "", reference: "" },
    ],
    [
      "was made at no time",
      readPullPod({ metadata: { name: "p", creationTimestamp: "soon" } }),
      { createTime: 0 },
    ],
    [
      "has numbers for texts",
      readPullPod({ metadata: { name: "p", uid: 1 }, status: { phase: 2, reason: 3 } }),
      { uid: "", phase: "Pending", reason: "" },
    ],
  ])("%s", (_, pod, parts) => {
    expect(pod).toMatchObject(parts);
  });

  it.each([
    ["null", null],
    ["a text", "pod"],
    ["a list", [bare]],
    ["something without metadata", { spec: {} }],
    ["something without a name", { metadata: { uid: "u" } }],
    ["something whose name is a number", { metadata: { name: 1 } }],
  ])("is none: %s", (_, value) => {
    expect(readPullPod(value)).toBeUndefined();
  });
});
