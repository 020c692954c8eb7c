import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClusterNode } from "../../src/domain/cluster-node.ts";
import { nameReader } from "../../src/domain/listed-name.ts";
import type { CachedImage } from "../../src/domain/node-cache.ts";
import type { NodeMemory } from "../../src/domain/node-memory.ts";
import { parseReference } from "../../src/domain/reference.ts";
import { isPartial, nodeCacheOf, type ReportOptions } from "../../src/domain/reported-nodes.ts";
import { byDigest, byTag, indexNodes, lab, sha } from "../support/domain.ts";
import { clusterNodes, memories } from "../support/prepull-arbitraries.ts";
import { clusterNode, memoryOf, taint, toleration } from "../support/prepull-domain.ts";

const w = "w_2077_43";

function options(parts: Partial<ReportOptions> = {}): ReportOptions {
  const { repository } = lab;
  const digests = new Set([sha("a"), sha("b")]);
  return { repository, digests, maxImages: 50, tolerations: [], readTime: 7, memories: new Map(), ...parts };
}

/** What is told of the images of one node. */
function told(images: readonly (string | CachedImage)[], memory?: NodeMemory): readonly CachedImage[] {
  const known = new Map(memory ? [["uid-n1", memory]] : []);
  const cache = nodeCacheOf([clusterNode("n1", images)], options({ memories: known }));
  return cache.nodes[0]?.images ?? [];
}

/** The names that are told of an image with these names; undefined: it is left out. */
function toldNames(names: readonly string[], memory?: NodeMemory): readonly string[] | undefined {
  return told([{ names, size: 7 }], memory)[0]?.names;
}

describe("nodeCacheOf: nodes", () => {
  it.each<[string, Partial<ClusterNode>, object]>([
    ["an eligible node", {}, { name: "n1", ineligibleReason: "", partial: false, images: [] }],
    [
      "its architecture and creation",
      { architecture: "arm64", createTime: 5 },
      { architecture: "arm64", createTime: 5 },
    ],
    ["nothing told of them", { architecture: "" }, { architecture: "", createTime: undefined }],
    ["why it is not eligible", { isUnschedulable: true }, { ineligibleReason: "cordoned" }],
    ["a taint", { taints: [taint("gpu = true")] }, { ineligibleReason: "tainted (NoSchedule, gpu = true)" }],
  ])("tells %s", (_, parts, expected) => {
    expect(nodeCacheOf([clusterNode("n1", [], parts)], options()).nodes).toMatchObject([expected]);
  });

  it("tells every node in order, and the time of reading", () => {
    const cache = nodeCacheOf([clusterNode("n2"), clusterNode("n1")], options());
    expect(cache.nodes.map(({ name }) => name)).toEqual(["n2", "n1"]);
    expect(cache.readTime).toBe(7);
  });

  it("heeds the tolerations", () => {
    const node = clusterNode("n1", [], { taints: [taint("gpu = true")] });
    expect(nodeCacheOf([node], options({ tolerations: [toleration()] })).nodes[0]?.ineligibleReason).toBe("");
  });
});

describe("isPartial", () => {
  const list = (count: number) => Array.from({ length: count }, (_, number) => byTag(`x${number}`));
  const digests = (count: number) => Array.from({ length: count }, (_, number) => byDigest(`${number}`));
  const named = (...names: string[]) => [{ names, size: 0 }];

  it.each<[string, readonly (string | CachedImage)[], number, boolean]>([
    ["fewer entries than kubelets list", list(49), 50, false],
    ["as many", list(50), 50, true],
    ["more", list(51), 50, true],
    ["entries without a name count", Array.from({ length: 50 }, () => ({ names: [], size: 0 })), 50, true],
    ["kubelets that list all", list(500), -1, false],
    ["none", [], 50, false],
    ["five digests of an image: it may have more", named(...digests(5)), 50, true],
    ["that also where kubelets list all", named(...digests(5)), -1, true],
    ["four digests and a tag", named(...digests(4), byTag("x")), 50, false],
    ["five tags", named(...list(5)), 50, false],
    ["five digests of two images", [...named(...digests(3)), ...named(...digests(2))], 50, false],
  ])("%s", (_, images, maxImages, partial) => {
    const node = clusterNode("n1", images);
    expect(isPartial(node, maxImages)).toBe(partial);
    expect(nodeCacheOf([node], options({ maxImages })).nodes[0]?.partial).toBe(partial);
  });
});

describe("nodeCacheOf: images", () => {
  it.each<[string, readonly string[]]>([
    ["of the repository, by a digest that nobody named", [byDigest("c")]],
    ["of the repository, by tag", [byTag(w)]],
    ["of the repository under another host", [`mirror.example:5000/sciplat/lab:${w}`]],
    ["of the repository under a mirror's prefix", [`mirror.example/proxy/sciplat/lab@${sha("c")}`]],
    ["of any repository, by a digest that the service has named", [`mirror.example/other@${sha("a")}`]],
    ["with all digests: the service may know one of them", [byTag(w), `mirror.example/other@${sha("c")}`]],
    ["with tag and digest in one name", [`${byTag(w)}@${sha("a")}`]],
  ])("tells one %s", (_, names) => {
    expect(told([{ names, size: 7 }])).toEqual([{ names, size: 7 }]);
  });

  it.each<[string, readonly string[]]>([
    ["of another repository", ["r.example/other:1", `r.example/other@${sha("c")}`]],
    ["of a repository whose name only ends alike", [`r.example/mysciplat/lab:${w}`]],
    ["of a repository below it", [`r.example/sciplat/lab/sub:${w}`]],
    ["without names", []],
    [
      "with what is no reference",
      ["<none>@<none>", "", "\ud800", `r.example/sciplat/lab:${"a".repeat(5000)}`],
    ],
  ])("leaves out one %s", (_, names) => {
    expect(toldNames(names)).toBeUndefined();
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ["tags of other repositories", [byDigest("a"), "r.example/other:1"], [byDigest("a")]],
    ["a digest that was told", [byDigest("a"), `mirror.example/x@${sha("a")}`], [byDigest("a")]],
    ["a tag that was told", [byTag(w), `mirror.example/sciplat/lab:${w}`], [byTag(w)]],
    ["what is no reference", ["<none>@<none>", byTag(w)], [byTag(w)]],
    [
      "a name of one that it repeats in parts",
      [`${byTag(w)}@${sha("a")}`, byTag(w), byDigest("a")],
      [`${byTag(w)}@${sha("a")}`],
    ],
  ])("leaves out names that tell nothing more: %s", (_, names, kept) => {
    expect(toldNames(names)).toEqual(kept);
  });
});

describe("nodeCacheOf: an image that the node lists by another digest", () => {
  const other = sha("f");
  const alias = memoryOf({ a: { pulledAt: 1, alias: other } });

  it.each<[string, readonly string[], NodeMemory, readonly string[] | undefined]>([
    [
      "is named by the wanted digest too",
      [byDigest("f"), byTag(w)],
      alias,
      [byDigest("f"), byTag(w), byDigest("a")],
    ],
    [
      "in whatever repository",
      [`quay.example/x@${other}`],
      alias,
      [`quay.example/x@${other}`, `quay.example/x@${sha("a")}`],
    ],
    [
      "behind a tag",
      [`quay.example/x:1@${other}`],
      alias,
      [`quay.example/x:1@${other}`, `quay.example/x:1@${sha("a")}`],
    ],
    [
      "once, where it is listed by both",
      [byDigest("f"), byDigest("a")],
      alias,
      [byDigest("f"), byDigest("a")],
    ],
    [
      "by all that are the same image",
      [byDigest("f")],
      memoryOf({ a: { alias: other }, b: { alias: other } }),
      [byDigest("f"), byDigest("a"), byDigest("b")],
    ],
    ["not where the node does not list that one", [`quay.example/x@${sha("e")}`], alias, undefined],
    [
      "not by a digest that the service has not named",
      [byDigest("f")],
      memoryOf({ c: { alias: other } }),
      [byDigest("f")],
    ],
    [
      "not where nothing is known of another digest",
      [byDigest("f")],
      memoryOf({ a: { pulledAt: 1 } }),
      [byDigest("f")],
    ],
  ])("%s", (_, names, memory, expected) => {
    expect(toldNames(names, memory)).toEqual(expected);
  });
});

describe("any nodes", () => {
  const digests = new Set(["a", "b", "c"].map(sha));
  const tags = ["a", "b", "c", "d", "e", "f"].map((hex) => `tag-${hex}`);

  it("what is told makes the same index as all that they list", () => {
    let found = 0;
    fc.assert(
      fc.property(clusterNodes, (nodes) => {
        const cache = nodeCacheOf(nodes, options({ digests }));
        const part = indexNodes(cache, lab.repository);
        const all = {
          readTime: 7,
          nodes: nodes.map((node) => ({ ...node, ineligibleReason: "", partial: false })),
        };
        const whole = indexNodes(all, lab.repository);
        for (const key of [...digests, ...tags]) {
          expect(part.listing(key)).toEqual(whole.listing(key));
          found += part.listing(key) ? 1 : 0;
        }
      }),
    );
    expect(found).toBeGreaterThan(0);
  });

  it("every name that is told is a reference, and no key of an image is told twice", () => {
    fc.assert(
      fc.property(clusterNodes, memories, (nodes, known) => {
        const readName = nameReader(lab.repository);
        const cache = nodeCacheOf(nodes, options({ digests, memories: known }));
        for (const { names } of cache.nodes.flatMap(({ images }) => images)) {
          const before = new Set<string>();
          for (const name of names) {
            expect(() => parseReference(name)).not.toThrow();
            expect(readName(name).keys.some((key) => !before.has(key))).toBe(true);
            for (const key of readName(name).keys) before.add(key);
          }
        }
      }),
    );
  });

  it("an image that the node lists by another digest is found by the wanted one", () => {
    let found = 0;
    fc.assert(
      fc.property(clusterNodes, memories, (nodes, known) => {
        const cache = nodeCacheOf(nodes, options({ digests, memories: known }));
        const index = indexNodes(cache, lab.repository);
        for (const { name, uid, images } of nodes) {
          const listed = images.flatMap(({ names }) => names);
          for (const [digest, { alias }] of known.get(uid)?.images ?? []) {
            if (!digests.has(digest) || alias === "" || !listed.some((one) => one.endsWith(`@${alias}`)))
              continue;
            expect(index.listing(digest)?.nodes.has(name)).toBe(true);
            found += 1;
          }
        }
      }),
    );
    expect(found).toBeGreaterThan(0);
  });
});
