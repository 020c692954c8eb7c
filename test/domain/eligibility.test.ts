import { describe, expect, it } from "vitest";
import type { ClusterNode, Toleration } from "../../src/domain/cluster-node.ts";
import { ineligibleReason } from "../../src/domain/eligibility.ts";
import { clusterNode, taint, toleration } from "../support/prepull-domain.ts";

const cordon = taint("node.kubernetes.io/unschedulable");
const notReady = [taint("node.kubernetes.io/not-ready"), taint("node.kubernetes.io/not-ready", "NoExecute")];

describe("ineligibleReason", () => {
  it.each<[string, Partial<ClusterNode>, string]>([
    ["a ready node without taints is eligible", {}, ""],
    ["a node that is being deleted", { isDeleting: true }, "being deleted"],
    ["a node that is not ready", { isReady: false }, "not ready"],
    ["a cordoned node", { isUnschedulable: true }, "cordoned"],
    ["a taint with a value", { taints: [taint("gpu = true")] }, "tainted (NoSchedule, gpu = true)"],
    ["a taint without a value", { taints: [taint("gpu", "NoExecute")] }, "tainted (NoExecute, gpu)"],
    ["PreferNoSchedule is ignored", { taints: [taint("gpu", "PreferNoSchedule")] }, ""],
    ["an effect of later days is ignored", { taints: [taint("gpu", "NoFun")] }, ""],
    [
      "the first taint that matters",
      { taints: [taint("a", "PreferNoSchedule"), taint("b"), taint("c")] },
      "tainted (NoSchedule, b)",
    ],
    [
      "pressure shows as a taint",
      { taints: [taint("node.kubernetes.io/disk-pressure")] },
      "tainted (NoSchedule, node.kubernetes.io/disk-pressure)",
    ],
    ["a cordon is said before its taint", { isUnschedulable: true, taints: [cordon] }, "cordoned"],
    [
      "a taint of a cordon that is not there yet",
      { taints: [cordon] },
      "tainted (NoSchedule, node.kubernetes.io/unschedulable)",
    ],
    ["not being ready is said before its taints", { isReady: false, taints: notReady }, "not ready"],
    ["not being ready is said before a cordon", { isReady: false, isUnschedulable: true }, "not ready"],
    [
      "its deletion is said before all",
      { isDeleting: true, isReady: false, isUnschedulable: true },
      "being deleted",
    ],
  ])("%s", (_, parts, reason) => {
    expect(ineligibleReason(clusterNode("n1", [], parts), [])).toBe(reason);
  });

  it.each<[string, Partial<ClusterNode>, Toleration[], string]>([
    ["a taint that is tolerated", { taints: [taint("gpu = true")] }, [toleration({ key: "gpu" })], ""],
    [
      "every taint has to be tolerated",
      { taints: [taint("gpu = true"), taint("gpu = true", "NoExecute")] },
      [toleration({ key: "gpu", effect: "NoSchedule" })],
      "tainted (NoExecute, gpu = true)",
    ],
    [
      "for some time is not enough",
      { taints: [taint("gpu", "NoExecute")] },
      [toleration({ tolerationSeconds: 300 })],
      "tainted (NoExecute, gpu)",
    ],
    [
      "no toleration helps a cordoned node",
      { isUnschedulable: true, taints: [cordon] },
      [toleration()],
      "cordoned",
    ],
    ["nor one that is not ready", { isReady: false, taints: notReady }, [toleration()], "not ready"],
  ])("%s", (_, parts, tolerations, reason) => {
    expect(ineligibleReason(clusterNode("n1", [], parts), tolerations)).toBe(reason);
  });
});
