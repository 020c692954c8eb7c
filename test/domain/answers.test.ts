import { describe, expect, it } from "vitest";
import { imageAnswer, menuEntries, prepulledEntries } from "../../src/domain/answers.ts";
import type { Image } from "../../src/domain/image.ts";
import type { Snapshot } from "../../src/domain/snapshot.ts";
import {
  byDigest,
  type DataParts,
  listed,
  marksOf,
  node,
  nodeCache,
  options,
  policy,
  sha,
  snapshot,
} from "../support/domain.ts";

const given: DataParts = {
  tags: [
    listed("recommended", { digest: "a" }),
    listed("w_2077_45", { digest: "a", size: 5 }),
    listed("stranger", { digest: "a" }),
    listed("w_2077_44", { digest: "b" }),
    listed("w_2077_43"),
    listed("w_2077_42", { digest: "c" }),
    listed("w_2077_42-arm64", { digest: "d" }),
  ],
  nodeCache: nodeCache(
    1,
    node("n2", [{ names: [byDigest("b")], size: 9 }]),
    node("n1", [byDigest("a"), byDigest("b"), byDigest("c")]),
    node("n3", [byDigest("a")], { ineligibleReason: "cordoned" }),
    node("n4", [byDigest("b")], { partial: true }),
  ),
  marks: marksOf({ key: sha("a"), node: "n9", time: 2, size: 0 }),
};
const made = snapshot(given);

function image(text: string, from: Snapshot = made): Image {
  return from.collection.byTag(text) as Image;
}

describe("imageAnswer", () => {
  it("tells the most exact reference, the aliases without the target, and all nodes that hold it", () => {
    expect(imageAnswer(made, image("recommended"))).toMatchObject({
      image: { aliasTarget: "w_2077_45" },
      reference: `r.example/sciplat/lab:recommended@${sha("a")}`,
      aliases: ["stranger"],
      nodes: ["n1", "n3", "n9"],
      recommended: true,
    });
  });

  it("tells all other tags of a digest to its main image", () => {
    expect(imageAnswer(made, image("w_2077_45"))).toMatchObject({
      aliases: ["recommended", "stranger"],
      size: 5,
      recommended: false,
    });
  });

  it("the size is the largest that a node tells, where the registry tells none", () => {
    expect(imageAnswer(made, image("w_2077_44")).size).toBe(9);
  });

  it("without a digest the reference has none", () => {
    expect(imageAnswer(made, image("w_2077_43"))).toMatchObject({
      reference: "r.example/sciplat/lab:w_2077_43",
      size: undefined,
      aliases: [],
      nodes: [],
    });
  });

  it.each([
    ["R.Example:443", "sciplat/lab"],
    ["index.docker.io", "lab"],
  ])("the registry %s is answered as configured", (registry, repository) => {
    const from = snapshot({ ...given, repository: { registry, repository } });
    expect(imageAnswer(from, image("w_2077_44", from)).reference).toBe(
      `${registry}/${repository}:w_2077_44@${sha("b")}`,
    );
  });

  it("a weekly can be the recommended one", () => {
    const from = snapshot({ ...given, options: options({ recommendedTag: "w_2077_44" }) });
    expect(imageAnswer(from, image("w_2077_44", from))).toMatchObject({
      recommended: true,
      image: { tag: { type: "weekly" } },
    });
    expect(imageAnswer(from, image("w_2077_45", from)).recommended).toBe(false);
  });

  it("without a recommended tag none is", () => {
    const from = snapshot({ ...given, options: options({ recommendedTag: "" }) });
    expect(from.collection.images.map((one) => imageAnswer(from, one).recommended)).not.toContain(true);
  });
});

describe("menuEntries", () => {
  it("are the images of the menu in order, with their presence on the eligible nodes", () => {
    const rows = menuEntries(made).map((entry) => [
      entry.image.tag.text,
      entry.prepulled,
      entry.recommended,
      entry.wanted,
      entry.nodeCount,
      entry.size,
    ]);
    expect(rows).toEqual([
      ["stranger", false, false, true, 1, undefined],
      ["recommended", false, true, true, 1, undefined],
      ["w_2077_45", false, false, true, 1, 5],
      ["w_2077_44", true, false, true, 3, 9],
      ["w_2077_43", false, false, false, 0, undefined],
      ["w_2077_42", false, false, false, 1, undefined],
    ]);
  });

  it("nothing is prepulled where there is no node", () => {
    const from = snapshot({
      ...given,
      nodeCache: nodeCache(1),
      marks: marksOf({ key: sha("b"), node: "n9", time: 2, size: 0 }),
    });
    expect(menuEntries(from).filter((entry) => entry.prepulled || entry.nodeCount > 0)).toEqual([]);
    expect(imageAnswer(from, image("w_2077_44", from)).nodes).toEqual(["n9"]);
  });

  it("leave out what the filter hides", () => {
    const filter = { policies: { weekly: policy({ number: 1 }) }, hideUnknown: false };
    const shown = menuEntries(snapshot({ ...given, filter })).map((entry) => entry.image.tag.text);
    expect(shown).toEqual(["stranger", "recommended", "w_2077_45"]);
  });
});

describe("prepulledEntries", () => {
  function rows(nodes: readonly string[], countsOnly = false, from = made) {
    return prepulledEntries(from, nodes, countsOnly).map(({ image, prepulled, counts, names }) => ({
      tag: image.tag.text,
      prepulled,
      counts: [counts.present, counts.missing, counts.unknown],
      names: [names.present, names.missing, names.unknown].map((some) => some.join(" ")).join("/"),
    }));
  }

  it("tell all images but the hidden ones, on the eligible nodes; who lacks it only of wanted ones", () => {
    expect(rows([])).toEqual([
      { tag: "stranger", prepulled: false, counts: [1, 1, 1], names: "n1/n2/n4" },
      { tag: "recommended", prepulled: false, counts: [1, 1, 1], names: "n1/n2/n4" },
      { tag: "w_2077_45", prepulled: false, counts: [1, 1, 1], names: "n1/n2/n4" },
      { tag: "w_2077_44", prepulled: true, counts: [3, 0, 0], names: "n1 n2 n4//" },
      { tag: "w_2077_43", prepulled: false, counts: [0, 0, 3], names: "//" },
      { tag: "w_2077_42", prepulled: false, counts: [1, 1, 1], names: "n1//" },
    ]);
  });

  it("tell no names with countsOnly", () => {
    expect(rows([], true)).toEqual(rows([]).map((row) => ({ ...row, names: "//" })));
  });

  it("tell of the nodes asked about, eligible or not, known or not, sorted and each once", () => {
    const [, , main] = rows(["n9", "n3", "n8", "n2", "n9", "n2"]);
    expect(main).toEqual({ tag: "w_2077_45", prepulled: false, counts: [2, 1, 1], names: "n3 n9/n2/n8" });
  });

  it("prepulled is meant of the nodes asked about", () => {
    expect(rows(["n1", "n3", "n9"])[2]).toMatchObject({ tag: "w_2077_45", prepulled: true });
    expect(rows(["n1", "n2"])[2]).toMatchObject({ tag: "w_2077_45", prepulled: false });
  });

  it("the filter of the menu does not hold here", () => {
    const filter = { policies: { weekly: policy({ number: 0 }) }, hideUnknown: true };
    expect(rows([], false, snapshot({ ...given, filter }))).toEqual(rows([]));
  });

  it("aliases are all other tags of the digest, the target too", () => {
    const aliases = prepulledEntries(made, [], true).map((entry) => [entry.image.tag.text, entry.aliases]);
    expect(aliases.slice(0, 3)).toEqual([
      ["stranger", ["recommended", "w_2077_45"]],
      ["recommended", ["stranger", "w_2077_45"]],
      ["w_2077_45", ["recommended", "stranger"]],
    ]);
  });
});
