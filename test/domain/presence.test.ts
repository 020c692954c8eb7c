import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitsArchitecture } from "../../src/domain/architecture.ts";
import type { Image, ListedTag } from "../../src/domain/image.ts";
import { addMark, type Mark, noMarks } from "../../src/domain/marks.ts";
import type { Node } from "../../src/domain/node-cache.ts";
import { isListed, isPrepulled, presenceKey, presenceOf } from "../../src/domain/presence.ts";
import {
  byDigest,
  byTag,
  collectionOf,
  indexNodes,
  lab,
  listed,
  marksOf,
  node,
  nodeCache,
  sha,
} from "../support/domain.ts";
import { listings } from "../support/domain-arbitraries.ts";

interface Given {
  readonly image?: ListedTag;
  /** Others of the same collection. */
  readonly others?: readonly ListedTag[];
  readonly nodes: readonly Node[];
  readonly marks?: readonly Mark[];
  readonly resolvesOnDemand?: boolean;
}

const weekly = listed("w_2077_43", { digest: "a" });

function presence({ image = weekly, others = [], nodes, marks = [], resolvesOnDemand = true }: Given) {
  const placed = collectionOf([image, ...others]).byTag(image.tag.text) as Image;
  const all = presenceOf(
    indexNodes(nodeCache(1, ...nodes), lab.repository),
    marksOf(...marks),
    resolvesOnDemand,
  );
  return { image: placed, all };
}

/** `present/missing/unknown`, as names. */
function states(given: Given, asked?: readonly string[]): string {
  const { image, all } = presence(given);
  const names = all.states(image, asked && new Set(asked));
  const counts = all.counts(image, asked && new Set(asked));
  expect(counts).toEqual({
    present: names.present.length,
    missing: names.missing.length,
    unknown: names.unknown.length,
  });
  return [names.present, names.missing, names.unknown].map((some) => some.join(" ")).join("/");
}

function marked(name: string, key = sha("a"), size = 0): Mark {
  return { key, node: name, time: 5, size };
}

const holder = node("n1", [byDigest("a")]);
const lacker = node("n2", [byDigest("b")]);
const partial = node("n3", [byDigest("b")], { partial: true });
const unresolved = listed("w_2077_44");
const tagOnly = { image: listed("w_2077_43"), resolvesOnDemand: false };

describe("present/missing/unknown of the eligible nodes", () => {
  it.each<[string, Given, string]>([
    [
      "a node that lists the image: present; one that does not: missing",
      { nodes: [holder, lacker] },
      "n1/n2/",
    ],
    ["a partial node that does not list it: unknown", { nodes: [holder, partial] }, "n1//n3"],
    ["a partial node that lists it: present", { nodes: [{ ...holder, partial: true }] }, "n1//"],
    [
      "an ineligible node is not asked about",
      { nodes: [holder, { ...lacker, ineligibleReason: "cordoned" }] },
      "n1//",
    ],
    ["under a mirror's name", { nodes: [node("n1", [`mirror.example/x@${sha("a")}`])] }, "n1//"],
    [
      "the right tag of another digest counts for nothing",
      { nodes: [node("n1", [byTag("w_2077_43"), byDigest("b")])] },
      "/n1/",
    ],
    [
      "a platform's digest counts where it is known",
      {
        image: listed("w_2077_43", { digest: "a", platforms: ["a1", "a2"] }),
        nodes: [node("n1", [byDigest("a2")]), lacker],
      },
      "n1/n2/",
    ],
    ["one that is not known does not", { nodes: [node("n1", [byDigest("a2")])] }, "/n1/"],
    [
      "an alias is where its target is",
      { image: listed("latest", { digest: "a" }), others: [weekly], nodes: [holder, lacker] },
      "n1/n2/",
    ],
    [
      "what is not resolved is unknown everywhere",
      { image: unresolved, nodes: [holder, lacker, partial] },
      "//n1 n2 n3",
    ],
    [
      "even where a node lists its tag",
      { image: unresolved, nodes: [node("n1", [byTag("w_2077_44")])] },
      "//n1",
    ],
    [
      "an image without a digest goes by its tag",
      { ...tagOnly, nodes: [node("n1", [byTag("w_2077_43")]), lacker] },
      "n1/n2/",
    ],
    [
      "under any host and prefix",
      { ...tagOnly, nodes: [node("n1", ["m.example/p/sciplat/lab:w_2077_43"])] },
      "n1//",
    ],
    ["on a partial node it is unknown too", { ...tagOnly, nodes: [partial] }, "//n3"],
    ["a mark makes it present", { nodes: [lacker], marks: [marked("n2")] }, "n2//"],
    ["on a partial node too", { nodes: [partial], marks: [marked("n3")] }, "n3//"],
    ["a mark of another digest does not", { nodes: [lacker], marks: [marked("n2", sha("c"))] }, "/n2/"],
    [
      "a mark holds for all tags of the digest",
      { image: listed("latest", { digest: "a" }), others: [weekly], nodes: [lacker], marks: [marked("n2")] },
      "n2//",
    ],
    [
      "a mark by tag holds for an image without a digest",
      { ...tagOnly, nodes: [lacker], marks: [marked("n2", "w_2077_43")] },
      "n2//",
    ],
    [
      "a mark by tag does not hold for what is not resolved",
      { image: unresolved, nodes: [lacker], marks: [marked("n2", "w_2077_44")] },
      "//n2",
    ],
    [
      "a marked node outside the node cache is not counted",
      { nodes: [holder], marks: [marked("n9")] },
      "n1//",
    ],
    [
      "a marked node that is not eligible is not counted",
      { nodes: [{ ...lacker, ineligibleReason: "x" }], marks: [marked("n2")] },
      "//",
    ],
    ["names are sorted", { nodes: [node("n3"), node("n10"), node("n1")] }, "/n1 n10 n3/"],
    ["no nodes, no answers", { nodes: [] }, "//"],
  ])("%s", (_, given, expected) => {
    expect(states(given)).toBe(expected);
  });
});

describe("present/missing/unknown of nodes that are asked about", () => {
  const nodes = [holder, lacker, partial, node("n4", [], { ineligibleReason: "cordoned" })];

  it.each<[string, Given, readonly string[], string]>([
    ["by name, eligible or not", { nodes }, ["n1", "n2", "n3", "n4"], "n1/n2 n4/n3"],
    ["a node that is not in the node cache: unknown", { nodes }, ["n1", "n9"], "n1//n9"],
    ["unless it is marked", { nodes, marks: [marked("n9")] }, ["n9"], "n9//"],
    ["only those", { nodes }, ["n2"], "/n2/"],
    ["in the order of the question", { nodes }, ["n4", "n9", "n2", "n3"], "/n4 n2/n9 n3"],
    [
      "what is not resolved is unknown on any",
      { image: unresolved, nodes },
      ["n1", "n4", "n9"],
      "//n1 n4 n9",
    ],
    [
      "an image without a digest is missing where it is not listed",
      { ...tagOnly, nodes },
      ["n2", "n9"],
      "/n2/n9",
    ],
  ])("%s", (_, given, asked, expected) => {
    expect(states(given, asked)).toBe(expected);
  });
});

describe("an image made for an architecture", () => {
  const arm = listed("w_2077_45-arm64", { digest: "a" });
  const nodes = [
    node("amd", [], { architecture: "amd64" }),
    node("arm", [], { architecture: "arm64" }),
    node("untold"),
  ];

  it.each<[string, Given, readonly string[] | undefined, string]>([
    ["is never missing on a node of another one", { image: arm, nodes }, undefined, "/arm untold/"],
    ["nor when that is asked about", { image: arm, nodes }, ["amd"], "//"],
    [
      "nor unknown, where the node is partial",
      { image: arm, nodes: nodes.map((one) => ({ ...one, partial: true })) },
      undefined,
      "//arm untold",
    ],
    ["nor where it is not resolved", { image: listed("w_2077_45-arm64"), nodes }, undefined, "//arm untold"],
    [
      "aarch64 is arm64",
      { image: listed("w_2077_45-aarch64", { digest: "a" }), nodes },
      undefined,
      "/arm untold/",
    ],
    ["a node outside the node cache tells no architecture", { image: arm, nodes }, ["n9", "amd"], "//n9"],
    [
      "is present on whatever node is marked",
      { image: arm, nodes, marks: [marked("amd")] },
      undefined,
      "amd/arm untold/",
    ],
    [
      "is present on whatever node lists it",
      { image: arm, nodes: [node("amd", [byDigest("a")], { architecture: "amd64" })] },
      undefined,
      "amd//",
    ],
    [
      "so is an alias that took its architecture",
      { image: listed("latest", { digest: "a" }), others: [arm], nodes },
      undefined,
      "/arm untold/",
    ],
    ["a generic image is missing everywhere", { nodes }, undefined, "/amd arm untold/"],
  ])("%s", (_, given, asked, expected) => {
    expect(states(given, asked)).toBe(expected);
  });
});

describe("nodes, holds", () => {
  it("all that hold it, eligible or not, in the node cache or only marked, sorted", () => {
    const cordoned = node("n0", [byDigest("a")], { ineligibleReason: "cordoned" });
    const given = { nodes: [holder, lacker, cordoned], marks: [marked("n9"), marked("n10"), marked("n1")] };
    const { image, all } = presence(given);
    expect(all.nodes(image)).toEqual(["n0", "n1", "n10", "n9"]);
    expect(["n0", "n1", "n2", "n9", "n8"].map((name) => all.holds(image, name))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  it("none hold what is not resolved", () => {
    const { image, all } = presence({
      image: unresolved,
      nodes: [node("n1", [byTag("w_2077_44")])],
      marks: [marked("n1", "w_2077_44")],
    });
    expect(all.nodes(image)).toEqual([]);
    expect(all.holds(image, "n1")).toBe(false);
  });
});

describe("size", () => {
  const sized = (name: string, size: number, hex = "a") => node(name, [{ names: [byDigest(hex)], size }]);
  const latest = listed("latest", { digest: "a" });

  it.each<[string, Given, number | undefined]>([
    [
      "what the registry tells",
      { image: { ...weekly, size: 5 }, nodes: [sized("n1", 9)], marks: [marked("n2", sha("a"), 11)] },
      5,
    ],
    [
      "0 is none: the largest that a node tells",
      { image: { ...weekly, size: 0 }, nodes: [sized("n1", 7), sized("n2", 9), sized("n3", 8)] },
      9,
    ],
    [
      "or that a mark tells",
      { nodes: [sized("n1", 7)], marks: [marked("n2", sha("a"), 8), marked("n9", sha("a"), 3)] },
      8,
    ],
    ["nodes that are not eligible tell it too", { nodes: [{ ...sized("n1", 7), ineligibleReason: "x" }] }, 7],
    [
      "a platform's counts",
      { image: listed("w_2077_43", { digest: "a", platforms: ["a1"] }), nodes: [sized("n1", 7, "a1")] },
      7,
    ],
    ["an alias has that of its digest", { image: latest, others: [weekly], nodes: [sized("n1", 7)] }, 7],
    ["undefined where nobody tells", { nodes: [holder], marks: [marked("n1")] }, undefined],
    ["undefined where all tell 0", { image: { ...weekly, size: 0 }, nodes: [sized("n1", 0)] }, undefined],
    [
      "of an image without a digest, by its tag",
      { ...tagOnly, nodes: [node("n1", [{ names: [byTag("w_2077_43")], size: 7 }])] },
      7,
    ],
    [
      "none of what is not resolved",
      { image: unresolved, nodes: [node("n1", [{ names: [byTag("w_2077_44")], size: 7 }])] },
      undefined,
    ],
  ])("%s", (_, given, size) => {
    const { image, all } = presence(given);
    expect(all.size(image)).toBe(size);
  });
});

describe("isPrepulled", () => {
  it.each([
    ["present on all", [2, 0, 0], true],
    ["missing on one", [2, 1, 0], false],
    ["unknown on one", [2, 0, 1], false],
    ["present on none", [0, 0, 0], false],
    ["missing on all", [0, 2, 0], false],
  ] as const)("%s", (_, [present, missing, unknown], prepulled) => {
    expect(isPrepulled({ present, missing, unknown })).toBe(prepulled);
  });
});

describe("presenceKey", () => {
  const of = (image: ListedTag) => collectionOf([image]).images[0] as Image;

  it.each([
    ["the digest", of(weekly), true, sha("a")],
    ["the digest, whatever the kind", of(weekly), false, sha("a")],
    ["nothing for what has to be resolved", of(unresolved), true, undefined],
    ["the tag of what has no digest", of(unresolved), false, "w_2077_44"],
  ] as const)("%s", (_, image, resolvesOnDemand, key) => {
    expect(presenceKey(image, resolvesOnDemand)).toBe(key);
  });
});

describe("isListed", () => {
  const index = indexNodes(nodeCache(1, holder, node("n2", [byDigest("a1")])), lab.repository);

  it.each([
    ["by the digest", "n1", [], true],
    ["by a platform's", "n2", [sha("a2"), sha("a1")], true],
    ["not by another digest", "n2", [], false],
    ["not on a node that is not there", "n9", [sha("a1")], false],
  ] as const)("%s", (_, name, platforms, is) => {
    expect(isListed(index, sha("a"), platforms, name)).toBe(is);
  });
});

describe("withMarks", () => {
  it("gives the same nodes with other marks, and changes nothing before", () => {
    const { image, all } = presence({ nodes: [holder, lacker] });
    expect(all.counts(image)).toEqual({ present: 1, missing: 1, unknown: 0 });
    const after = all.withMarks(marksOf(marked("n2", sha("a"), 7)));
    expect(after.counts(image)).toEqual({ present: 2, missing: 0, unknown: 0 });
    expect(after.size(image)).toBe(7);
    expect(all.counts(image)).toEqual({ present: 1, missing: 1, unknown: 0 });
    expect(after.withMarks(noMarks).states(image)).toEqual(all.states(image));
    expect(all.size(image)).toBeUndefined();
  });
});

describe("whatever nodes list and whoever marks", () => {
  const held = fc.constantFrom(
    byDigest("a"),
    byDigest("b1"),
    byDigest("c"),
    byTag("w_2077_43"),
    byTag("latest"),
    "<none>",
  );
  const nodes = fc.uniqueArray(
    fc
      .tuple(
        fc.constantFrom("n1", "n2", "n3", "n4"),
        fc.array(fc.tuple(held, fc.constantFrom(0, 3, 9)), { maxLength: 3 }),
        fc.record({
          partial: fc.boolean(),
          architecture: fc.constantFrom("", "amd64", "arm64"),
          ineligibleReason: fc.constantFrom("", "", "cordoned"),
        }),
      )
      .map(([name, images, parts]) =>
        node(
          name,
          images.map(([text, size]) => ({ names: [text], size })),
          parts,
        ),
      ),
    { selector: ({ name }) => name },
  );
  const marks = fc.array(
    fc
      .tuple(
        fc.constantFrom("n1", "n2", "n5"),
        fc.constantFrom(sha("a"), sha("b"), "latest", "w_2077_43"),
        fc.constantFrom(0, 5),
      )
      .map(([name, key, size]) => marked(name, key, size)),
    { maxLength: 4 },
  );
  const asked = fc.option(fc.uniqueArray(fc.constantFrom("n1", "n2", "n3", "n4", "n5", "n6")), {
    nil: undefined,
  });

  it("the answers are those of the rules, one node after the other; prepulled is never true with one missing or unknown", () => {
    let prepulled = 0;
    fc.assert(
      fc.property(
        listings,
        nodes,
        marks,
        asked,
        fc.boolean(),
        fc.boolean(),
        (all, cached, made, names, resolvesOnDemand, isMadeAtOnce) => {
          const { images } = collectionOf(all);
          const index = indexNodes(nodeCache(1, ...cached), lab.repository);
          let given = presenceOf(index, isMadeAtOnce ? marksOf(...made) : noMarks, resolvesOnDemand);
          for (const mark of isMadeAtOnce ? [] : made) {
            for (const image of images) given.counts(image); // so that there is something to go on from
            given = given.withMarks(addMark(given.marks, mark), mark);
          }
          const eligible = cached.filter((one) => one.ineligibleReason === "").map(({ name }) => name);
          const question = names ?? eligible.sort();
          for (const image of images) {
            const key = image.digest ?? (resolvesOnDemand ? undefined : image.tag.text);
            const wanted = image.digest
              ? [image.digest, ...image.platforms].map((one) => `@${one}`)
              : [`:${key}`];
            const listing = cached.flatMap((one) =>
              one.images
                .filter((each) => key !== undefined && wanted.some((end) => each.names[0]?.endsWith(end)))
                .map((each) => ({ ...each, name: one.name })),
            );
            const marking = made.filter((one) => one.key === key);
            const holders = [
              ...new Set([...listing.map(({ name }) => name), ...marking.map((one) => one.node)]),
            ].sort();
            const state = (name: string) => {
              const cachedNode = cached.find((one) => one.name === name);
              if (holders.includes(name)) {
                return "present";
              }
              if (!fitsArchitecture(image.tag.architecture, cachedNode?.architecture ?? "")) {
                return "none";
              }
              return key === undefined || cachedNode === undefined || cachedNode.partial
                ? "unknown"
                : "missing";
            };
            const expected = {
              present: question.filter((name) => state(name) === "present"),
              missing: question.filter((name) => state(name) === "missing"),
              unknown: question.filter((name) => state(name) === "unknown"),
            };
            const counts = given.counts(image, names && new Set(names));
            expect(given.nodes(image)).toEqual(holders);
            expect(given.states(image, names && new Set(names))).toEqual(expected);
            expect(counts).toEqual({
              present: expected.present.length,
              missing: expected.missing.length,
              unknown: expected.unknown.length,
            });
            expect(isPrepulled(counts)).toBe(
              expected.present.length > 0 && expected.missing.length === 0 && expected.unknown.length === 0,
            );
            prepulled += isPrepulled(counts) ? 1 : 0;
            // A later mark that tells no size keeps the earlier one's: the last size told for each node.
            const told = new Map(marking.filter(({ size }) => size > 0).map((one) => [one.node, one.size]));
            const largest = Math.max(0, ...listing.map(({ size }) => size), ...told.values());
            expect(given.size(image)).toBe(image.size || largest || undefined);
          }
        },
      ),
      { numRuns: 1000 },
    );
    expect(prepulled).toBeGreaterThan(0);
  });
});
