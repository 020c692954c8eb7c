import { describe, expect, it } from "vitest";
import { type AnsweredImage, mergeWanted, wantedDigests } from "../../src/domain/wanted-image.ts";
import { byTag, sha } from "../support/domain.ts";
import { answered, wanted } from "../support/prepull-domain.ts";

/** What one source, `lab`, answers, merged. */
function merged(...images: readonly AnsweredImage[]) {
  return mergeWanted([{ source: "lab", images }]);
}

describe("mergeWanted", () => {
  it("keeps what a source wants, in its order", () => {
    const all = merged(
      answered("b"),
      answered("a", { recommended: true, nodes: ["n1"], architecture: "arm64" }),
    );
    const a = { isRecommended: true, nodes: new Set(["n1"]), architecture: "arm64" };
    expect(all).toEqual([wanted("b"), wanted("a", a)]);
  });

  it("of no answers makes nothing", () => {
    expect(mergeWanted([])).toEqual([]);
    expect(merged()).toEqual([]);
  });

  it("has one image per digest, under the first name, however many tags name it", () => {
    const recommended = answered("a", {
      tag: "recommended",
      reference: `${byTag("recommended")}@${sha("a")}`,
    });
    expect(merged(recommended, answered("b"), answered("a"))).toEqual([
      wanted("a", {
        ...{ tag: "recommended", reference: recommended.reference },
        wants: [{ source: "lab", reference: recommended.reference }],
      }),
      wanted("b"),
    ]);
  });

  it("names every source once that wants it, as that source calls it", () => {
    const mirror = `mirror.example/lab:x@${sha("a")}`;
    const [image, ...others] = mergeWanted([
      { source: "lab", images: [answered("b"), answered("a")] },
      { source: "mirror", images: [answered("a", { reference: mirror }), answered("a", { tag: "y" })] },
    ]).toReversed();
    expect(image?.reference).toBe(wanted("a").reference);
    expect(image?.wants).toEqual([
      { source: "lab", reference: wanted("a").reference },
      { source: "mirror", reference: mirror },
    ]);
    expect(others).toEqual([wanted("b")]);
  });

  it.each([
    ["neither", false, false, false],
    ["the first", true, false, true],
    ["the second", false, true, true],
  ])("is recommended where one says so: %s", (_, first, second, isRecommended) => {
    const images = [answered("a", { recommended: first }), answered("a", { recommended: second })];
    expect(merged(...images)[0]?.isRecommended).toBe(isRecommended);
  });

  it("is on the nodes that any of them tells", () => {
    const images = [answered("a", { nodes: ["n1", "n2"] }), answered("a", { nodes: ["n3", "n2"] })];
    expect([...(merged(...images)[0]?.nodes ?? [])]).toEqual(["n1", "n2", "n3"]);
  });

  it.each([
    ["for all, where the first says so", "", "arm64", undefined],
    ["for all, where the second says so", "arm64", "", undefined],
    ["for one, where both say so", "arm64", "arm64", "arm64"],
    ["for one in two spellings", "aarch64", "arm64", "aarch64"],
    ["for two: then it is no image of one architecture", "amd64", "arm64", undefined],
  ])("is %s", (_, first, second, architecture) => {
    const images = [answered("a", { architecture: first }), answered("a", { architecture: second })];
    expect(merged(...images)[0]?.architecture).toBe(architecture);
  });

  it("keeps images without a digest apart, by their references", () => {
    const images = [
      answered("", { digest: "", reference: byTag("x") }),
      answered("", { digest: "", reference: byTag("y") }),
      answered("", { digest: "", reference: byTag("x"), recommended: true }),
    ];
    expect(merged(...images).map(({ reference, isRecommended }) => [reference, isRecommended])).toEqual([
      [byTag("x"), true],
      [byTag("y"), false],
    ]);
  });

  it("leaves the answers as they were", () => {
    const images = [answered("a", { nodes: ["n1"] }), answered("a", { nodes: ["n2"] })];
    const copy = structuredClone(images);
    merged(...images);
    expect(images).toEqual(copy);
  });
});

it("wantedDigests gives those that are known", () => {
  expect(wantedDigests([wanted("a"), wanted("", { digest: "" }), wanted("b")])).toEqual(
    new Set([sha("a"), sha("b")]),
  );
});
