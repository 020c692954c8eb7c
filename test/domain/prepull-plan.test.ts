import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitsArchitecture } from "../../src/domain/architecture.ts";
import type { ClusterNode } from "../../src/domain/cluster-node.ts";
import { ineligibleReason } from "../../src/domain/eligibility.ts";
import { emptyMemory, isHeld, type NodeMemory } from "../../src/domain/node-memory.ts";
import { planNode, planRound } from "../../src/domain/prepull-plan.ts";
import type { WantedImage } from "../../src/domain/wanted-image.ts";
import { byDigest } from "../support/domain.ts";
import {
  clusterNodes,
  memories,
  nodeMemories,
  nodeNames,
  tolerations,
  wantedImages,
} from "../support/prepull-arbitraries.ts";
import { clusterNode, memoryOf, taint, toleration, wanted } from "../support/prepull-domain.ts";

const [now, answeredAt] = [50, 40];
const tags = (images: readonly WantedImage[]) => images.map(({ tag }) => tag.replace("tag-", "")).join(" ");

/** The plan in short: what is pulled, what waits, how many are there. */
function planOf(node: ClusterNode, images: readonly WantedImage[], memory: NodeMemory = emptyMemory) {
  const { pulls, waiting, present } = planNode(node, images, memory, now, answeredAt);
  return [tags(pulls), tags(waiting.map(({ image }) => image)), present];
}

describe("planNode", () => {
  const [a, b, c] = [wanted("a"), wanted("b"), wanted("c")];
  const recommended = wanted("r", { isRecommended: true });

  it.each<[string, Partial<ClusterNode>, WantedImage[], NodeMemory, [string, string, number]]>([
    ["nothing is wanted", {}, [], emptyMemory, ["", "", 0]],
    ["all is missing: in the given order", {}, [b, a, c], emptyMemory, ["b a c", "", 0]],
    [
      "the recommended one is first, then the given order",
      {},
      [b, a, recommended, c],
      emptyMemory,
      ["r b a c", "", 0],
    ],
    [
      "what is there is not pulled",
      {},
      [a, wanted("b", { nodes: new Set(["n1"]) })],
      emptyMemory,
      ["a", "", 1],
    ],
    ["what was pulled, and is not listed yet", {}, [a, b], memoryOf({ a: { pulledAt: 49 } }), ["b", "", 1]],
    [
      "what backs off waits, and the next is pulled",
      {},
      [a, b],
      memoryOf({ a: { failures: 1, retryAt: 51 } }),
      ["b", "a", 0],
    ],
    [
      "what has backed off is pulled",
      {},
      [a, b],
      memoryOf({ a: { failures: 1, retryAt: 50 } }),
      ["a b", "", 0],
    ],
    [
      "what backs off and is there all the same",
      {},
      [b],
      memoryOf({ b: { pulledAt: 1, retryAt: 51 } }),
      ["", "", 1],
    ],
    [
      "of a node's architecture only",
      {},
      [wanted("a", { architecture: "arm64" }), wanted("b", { architecture: "amd64" })],
      emptyMemory,
      ["b", "", 0],
    ],
    [
      "aarch64 is arm64",
      { architecture: "arm64" },
      [wanted("a", { architecture: "aarch64" })],
      emptyMemory,
      ["a", "", 0],
    ],
    [
      "a node that tells no architecture takes every image",
      { architecture: "" },
      [wanted("a", { architecture: "arm64" })],
      emptyMemory,
      ["a", "", 0],
    ],
    [
      "another architecture's image is not counted where it is there",
      {},
      [wanted("a", { architecture: "arm64", nodes: new Set(["n1"]) })],
      emptyMemory,
      ["", "", 0],
    ],
    [
      "without a digest: never",
      {},
      [wanted("a", { digest: "", isRecommended: true }), b],
      emptyMemory,
      ["b", "", 0],
    ],
  ])("%s", (_, parts, images, memory, plan) => {
    expect(planOf(clusterNode("n1", [], parts), images, memory)).toEqual(plan);
  });

  it("says why an image waits, and until when", () => {
    const failure = { failures: 1, retryAt: 51, reason: "ErrImagePull", message: "not found" };
    expect(planNode(clusterNode("n1"), [a], memoryOf({ a: failure }), now, answeredAt).waiting).toEqual([
      { image: a, until: 51, reason: "ErrImagePull", message: "not found" },
    ]);
  });

  it("leaves the given images in their order", () => {
    const images = [a, recommended];
    planOf(clusterNode("n1"), images);
    expect(images).toEqual([a, recommended]);
  });
});

describe("planRound", () => {
  it("takes the first pull of every eligible node that is not busy, and counts the busy ones too", () => {
    const nodes = [
      clusterNode("n1"),
      clusterNode("n2", [byDigest("a")]),
      clusterNode("n3", [byDigest("a")]),
      clusterNode("n4", [byDigest("a"), byDigest("b")]),
      clusterNode("n5", [], { isUnschedulable: true }),
      clusterNode("n6", [byDigest("a")], { taints: [taint("gpu = true")] }),
    ];
    const withoutDigest = wanted("c", { digest: "" });
    const images = [wanted("a"), withoutDigest, wanted("b")];
    const plan = planRound(nodes, images, new Map(), new Set(["n3"]), [], now, answeredAt);
    expect(plan.pulls.map(({ node, image }) => `${node.name} ${image.tag}`)).toEqual([
      "n1 tag-a",
      "n2 tag-b",
    ]);
    expect(plan.ineligible.map(({ node, reason }) => `${node.name} ${reason}`)).toEqual([
      "n5 cordoned",
      "n6 tainted (NoSchedule, gpu = true)",
    ]);
    expect(plan).toMatchObject({ eligible: 4, wantedCount: 8, presentCount: 4 });
    expect(plan.withoutDigest).toEqual([withoutDigest]);
  });

  it("serves a tainted node where that is tolerated", () => {
    const nodes = [clusterNode("n1", [], { taints: [taint("gpu = true")] })];
    const plan = planRound(nodes, [wanted("a")], new Map(), new Set(), [toleration()], now, answeredAt);
    expect(plan).toMatchObject({ eligible: 1, ineligible: [], pulls: [{ node: nodes[0] }] });
  });

  it("knows a machine by its UID, not by its name", () => {
    const known = new Map([["uid-n1", memoryOf({ a: { pulledAt: 1 } })]]);
    const [before, after] = [clusterNode("n1"), clusterNode("n1", [], { uid: "another" })];
    const pulls = [before, after].map(
      (node) => planRound([node], [wanted("a")], known, new Set(), [], now, answeredAt).pulls.length,
    );
    expect(pulls).toEqual([0, 1]);
  });

  it("of no nodes is nothing", () => {
    expect(planRound([], [wanted("a")], new Map(), new Set(), [], now, answeredAt)).toEqual({
      ...{
        pulls: [],
        eligible: 0,
        ineligible: [],
        withoutDigest: [],
        wantedCount: 0,
        presentCount: 0,
        waitingCount: 0,
      },
    });
  });
});

describe("any nodes, images and memories", () => {
  const busies = fc.subarray(nodeNames).map((names) => new Set(names));

  it("every fitting image of a node is there, or pulled, or waits; in order", () => {
    fc.assert(
      fc.property(clusterNodes, wantedImages, nodeMemories, (nodes, images, memory) => {
        for (const node of nodes) {
          const { pulls, waiting, present } = planNode(node, images, memory, now, answeredAt);
          const order = [...images].sort((x, y) => Number(y.isRecommended) - Number(x.isRecommended));
          const fitting = order.filter(
            ({ digest, architecture }) => digest !== "" && fitsArchitecture(architecture, node.architecture),
          );
          const missing = fitting.filter((image) => !isHeld(node, memory, image, answeredAt));
          const backsOff = ({ digest }: WantedImage) => (memory.images.get(digest)?.retryAt ?? 0) > now;
          expect(pulls).toEqual(missing.filter((image) => !backsOff(image)));
          expect(waiting.map(({ image }) => image)).toEqual(missing.filter(backsOff));
          expect(waiting.every(({ until }) => until > now)).toBe(true);
          expect(present).toBe(fitting.length - missing.length);
        }
      }),
    );
  });

  it("a round has the first pull of every idle eligible node, and no other", () => {
    const round = fc.tuple(clusterNodes, wantedImages, memories, busies, tolerations);
    let pullCount = 0;
    fc.assert(
      fc.property(round, ([nodes, images, known, busy, tolerated]) => {
        const plan = planRound(nodes, images, known, busy, tolerated, now, answeredAt);
        const eligible = nodes.filter((node) => ineligibleReason(node, tolerated) === "");
        const plans = eligible.map((node) => ({
          node,
          ...planNode(node, images, known.get(node.uid) ?? emptyMemory, now, answeredAt),
        }));
        const first = plans.flatMap(({ node, pulls: [image] }) => (image ? [{ node, image }] : []));
        expect(plan.pulls).toEqual(first.filter(({ node }) => !busy.has(node.name)));
        expect(plan.eligible).toBe(eligible.length);
        expect(plan.ineligible.map(({ node }) => node)).toEqual(
          nodes.filter((node) => !eligible.includes(node)),
        );
        const sum = (count: (one: (typeof plans)[number]) => number) =>
          plans.reduce((total, one) => total + count(one), 0);
        expect(plan.presentCount).toBe(sum(({ present }) => present));
        expect(plan.wantedCount).toBe(
          sum(({ present, pulls, waiting }) => present + pulls.length + waiting.length),
        );
        pullCount += plan.pulls.length;
      }),
    );
    expect(pullCount).toBeGreaterThan(0);
  });
});
