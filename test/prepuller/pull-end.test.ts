/** When a pull has come to its end, and to which. */
import { describe, expect, it } from "vitest";
import type { ClusterNode } from "../../src/domain/cluster-node.ts";
import type { PullPod } from "../../src/domain/pull-pod.ts";
import { endOf } from "../../src/prepuller/pull-end.ts";
import { digestOf } from "../support/kubernetes-objects.ts";
import { nodeNamed, podNamed } from "./values.ts";

const digest = digestOf("a");
const imageId = `registry.example.org/lab@${digest}`;
const listing: ClusterNode = { ...nodeNamed("n1"), images: [{ names: [imageId], size: 1 }] };
const waits: Partial<PullPod> = { waiting: { reason: "ErrImagePull", message: "not found" } };

const pulled = { kind: "pulled", digest };
const vanished = { kind: "node vanished" };
const failed = (reason: string) => ({ kind: "failed", reason });

describe("endOf", () => {
  it.each<[string, Partial<PullPod>, boolean, ClusterNode | undefined, object | undefined]>([
    ["a pod that waits for its container", {}, false, nodeNamed("n1"), undefined],
    ["a pod with an image ID", { imageId }, false, nodeNamed("n1"), pulled],
    ["a pod that has failed, with an image ID", { imageId, phase: "Failed" }, false, nodeNamed("n1"), pulled],
    [
      "a pod that ended well without an image ID",
      { phase: "Succeeded" },
      false,
      nodeNamed("n1"),
      failed("NoImageID"),
    ],
    ["a pod that cannot pull", waits, false, nodeNamed("n1"), failed("ErrImagePull")],
    [
      "a pod that the node refuses",
      { phase: "Failed", reason: "OutOfpods" },
      false,
      nodeNamed("n1"),
      failed("OutOfpods"),
    ],
    ["a node that lists the image", {}, false, listing, pulled],
    ["a pod that is gone", {}, true, nodeNamed("n1"), failed("pod vanished")],
    ["a pod that is gone after it had the image", { imageId }, true, nodeNamed("n1"), pulled],
    ["a pod that is gone from a node that lists the image", {}, true, listing, pulled],
    ["a node that is gone", {}, false, undefined, vanished],
    ["a node that is gone, after its pod had the image", { imageId }, false, undefined, vanished],
    ["another node of that name", { imageId }, false, nodeNamed("n1", "other"), vanished],
    [
      "a pod that does not say which machine it is for",
      { nodeUid: "", imageId },
      false,
      nodeNamed("n1"),
      pulled,
    ],
  ])("of %s", (_, parts, isGone, node, end) => {
    const found = endOf({ pod: { ...podNamed("p1", digest), ...parts }, isGone, node });
    if (end) expect(found).toMatchObject(end);
    else expect(found).toBeUndefined();
  });
});
