import { describe, expect, it } from "vitest";
import { aliasesOf, isHidden, isPrimary, loneImage, mainOf, relateImages } from "../../src/domain/image.ts";
import { day, listed, sha } from "../support/domain.ts";

const a = { digest: "a" };
const named = { digest: "a", alias: true };

describe("isPrimary", () => {
  it.each([
    ["a release", listed("r22_0_1"), true],
    ["a weekly", listed("w_2077_43"), true],
    ["a daily", listed("d_2077_10_23"), true],
    ["a candidate", listed("r22_0_0_rc1"), true],
    ["an experimental tag, of whatever", listed("exp_random"), true],
    ["an unknown tag", listed("latest"), false],
    ["an alias", listed("latest", { alias: true }), false],
    ["a weekly that was named as an alias", listed("w_2077_43", { alias: true }), true],
  ])("%s", (_, image, primary) => {
    expect(isPrimary(image)).toBe(primary);
  });
});

describe("isHidden", () => {
  it.each([
    ["a tag with an architecture is", listed("w_2077_43-amd64"), true],
    ["an unknown one too", listed("latest-amd64"), true],
    ["an alias too", listed("latest-amd64", { alias: true }), true],
    ["a tag without is not", listed("w_2077_43_amd64"), false],
    ["nor is one that only looks as if it had one", listed("my-image"), false],
  ])("%s", (_, image, hidden) => {
    expect(isHidden(image)).toBe(hidden);
  });
});

describe("mainOf", () => {
  it.each([
    ["the first in menu order", ["d_2077_10_23", "w_2077_43", "exp_zzz"], "w_2077_43"],
    ["the newest of a type", ["w_2077_42", "w_2077_44", "w_2077_43"], "w_2077_44"],
    ["a generic one before one for an architecture", ["r22_0_1-amd64", "exp_zzz"], "exp_zzz"],
    [
      "without a generic one the first",
      ["w_2077_43-amd64", "r22_0_1-amd64", "w_2077_43-arm64"],
      "r22_0_1-amd64",
    ],
    ["arm64 is listed before amd64", ["w_2077_43-amd64", "w_2077_43-arm64"], "w_2077_43-arm64"],
    ["no alias, whatever its place", ["latest", "exp_zzz"], "exp_zzz"],
    ["none where there is no primary", ["latest", "newest"], undefined],
    ["none of nothing", [], undefined],
  ])("%s", (_, texts, main) => {
    const images = texts.map((text) => listed(text, a));
    expect(mainOf(images)?.tag.text).toBe(main);
    expect(mainOf(images.reverse())?.tag.text).toBe(main);
  });
});

describe("loneImage", () => {
  it("has no aliases and no target", () => {
    const image = loneImage(listed("w_2077_43", a));
    expect(aliasesOf(image)).toEqual([]);
    expect(image).toMatchObject({ siblings: [], aliasTarget: undefined, digest: sha("a") });
  });
});

describe("relateImages", () => {
  it("all images of a digest list each other, sorted by code unit, in the order of the input", () => {
    const images = relateImages(
      ["w_2077_43", "latest", "Zed", "d_2077_10_23"].map((text) => listed(text, a)),
    );
    expect(images.map((image) => [image.tag.text, aliasesOf(image)])).toEqual([
      ["w_2077_43", ["Zed", "d_2077_10_23", "latest"]],
      ["latest", ["Zed", "d_2077_10_23", "w_2077_43"]],
      ["Zed", ["d_2077_10_23", "latest", "w_2077_43"]],
      ["d_2077_10_23", ["Zed", "latest", "w_2077_43"]],
    ]);
  });

  it.each([
    [
      "recommended, and a daily with a cycle",
      listed("recommended", named),
      "d_2077_10_23_c0045.003",
      {
        displayName: "Recommended (Daily 2077_10_23, SAL Cycle 0045, Build 003)",
        cycle: 45,
        date: day("2077-10-23"),
      },
    ],
    [
      "an alias for another architecture than its target",
      listed("latest_weekly-arm64", named),
      "w_2077_45-amd64",
      {
        displayName: "Latest Weekly (Weekly 2077_45 [amd64]) [arm64]",
        architecture: "arm64",
        date: day("2077-11-11"),
      },
    ],
    [
      "an alias without an architecture takes its target's",
      listed("latest", named),
      "w_2077_45-arm64",
      { displayName: "Latest (Weekly 2077_45) [arm64]", architecture: "arm64", date: day("2077-11-11") },
    ],
    [
      "the same architecture is said once",
      listed("latest-arm64", named),
      "w_2077_45-arm64",
      { displayName: "Latest (Weekly 2077_45) [arm64]", architecture: "arm64" },
    ],
    [
      "an alias loses its cycle where the target has none",
      listed("latest_weekly_c0046", named),
      "w_2077_43",
      { displayName: "Latest Weekly (Weekly 2077_43)", cycle: undefined, architecture: undefined },
    ],
    [
      "an alias takes the cycle of its target for its own",
      listed("latest_weekly_c0046", named),
      "w_2077_43_c0045.003",
      { displayName: "Latest Weekly (Weekly 2077_43, SAL Cycle 0045, Build 003)", cycle: 45 },
    ],
    [
      "a target without a date gives none",
      listed("stable", named),
      "r22_0_1",
      { displayName: "Stable (Release r22.0.1)", date: undefined },
    ],
    [
      "an unknown tag becomes an alias",
      listed("MiXeD_CaSe", a),
      "w_2077_43",
      { displayName: "Mixed Case (Weekly 2077_43)", date: day("2077-10-28") },
    ],
    [
      "an impossible week too",
      listed("w_2077_60", a),
      "w_2077_43",
      { displayName: "W 2077 60 (Weekly 2077_43)", date: day("2077-10-28") },
    ],
    [
      "the date of an experimental tag is its target's",
      listed("latest", a),
      "exp_w_2077_43",
      { displayName: "Latest (Experimental Weekly 2077_43)", date: day("2077-10-28") },
    ],
  ])("%s", (_, alias, target, values) => {
    for (const input of [
      [alias, listed(target, a)],
      [listed(target, a), alias],
    ]) {
      const image = relateImages(input).find(({ tag }) => tag.text === alias.tag.text);
      expect(image).toMatchObject({
        tag: { ...values, text: alias.tag.text, type: "alias" },
        aliasTarget: target,
      });
      expect(image?.digest).toBe(sha("a"));
    }
  });

  it("the target keeps what it is", () => {
    const target = listed("w_2077_43_c0045.003", a);
    const [, image] = relateImages([listed("latest-arm64", named), target]);
    expect(image).toMatchObject({ ...target, aliasTarget: undefined });
  });

  it("an alias that took an architecture counts as made for it", () => {
    const [alias] = relateImages([listed("latest", named), listed("w_2077_45-arm64", a)]);
    expect(alias && isHidden(alias)).toBe(true);
  });

  it("aliases without a primary stay as they are and list each other", () => {
    const input = [listed("recommended_c0029", named), listed("latest-amd64", a)];
    const images = relateImages(input);
    expect(images.map(({ tag }) => tag)).toEqual(input.map(({ tag }) => tag));
    expect(images.map(aliasesOf)).toEqual([["latest-amd64"], ["recommended_c0029"]]);
    expect(images.map(({ aliasTarget }) => aliasTarget)).toEqual([undefined, undefined]);
  });

  it("all aliases point to the main one of several primaries", () => {
    const texts = ["latest", "r22_0_1-amd64", "exp_zzz", "w_2077_43", "newest"];
    const images = relateImages(texts.map((text) => listed(text, a)));
    expect(images.map(({ aliasTarget }) => aliasTarget)).toEqual([
      "w_2077_43",
      undefined,
      undefined,
      undefined,
      "w_2077_43",
    ]);
  });
});
