import { describe, expect, it } from "vitest";
import { compareListed } from "../../src/domain/order.ts";
import { inCycle } from "../../src/domain/prepull-choice.ts";
import type { PrepullOptions } from "../../src/domain/prepull-options.ts";
import { finish } from "../../src/domain/steps.ts";
import { aliasTag, choosePrepull, options, tag } from "../support/domain.ts";

const tags = [
  ...["recommended", "latest", "recommended-arm64"].map(aliasTag),
  ...["r30_0_0", "r30_0_0-amd64", "r29_0_0", "r28_0_0"].map(tag),
  ...["w_2077_45-amd64", "w_2077_44", "w_2077_43", "w_2077_42"].map(tag),
  ...["d_2077_11_18", "d_2077_11_17", "d_2077_11_16", "d_2077_11_15"].map(tag),
  ...["r31_0_0_rc1", "exp_w_2077_46", "odd"].map(tag),
].sort(compareListed);

const newest = ["r30_0_0", "w_2077_44", "w_2077_43", "d_2077_11_18", "d_2077_11_17", "d_2077_11_16"];
const none = { numReleases: 0, numWeeklies: 0, numDailies: 0, recommendedTag: "" };

describe("choosePrepull", () => {
  it.each<[string, Partial<PrepullOptions>, readonly string[]]>([
    ["the newest 1, 2 and 3, and the recommended one", {}, [...newest, "recommended"]],
    ["none recommended", { recommendedTag: "" }, newest],
    ["0 of each", none, []],
    [
      "as many as are asked for",
      { ...none, numReleases: 2, numDailies: 1 },
      ["r30_0_0", "r29_0_0", "d_2077_11_18"],
    ],
    [
      "all there are, where more are asked for",
      { ...none, numWeeklies: 1000 },
      ["w_2077_44", "w_2077_43", "w_2077_42"],
    ],
    [
      "pinned ones, of whatever type",
      { ...none, pin: ["odd", "r28_0_0", "exp_w_2077_46", "r31_0_0_rc1"] },
      ["odd", "r28_0_0", "exp_w_2077_46", "r31_0_0_rc1"],
    ],
    ["one that is pinned and among the newest once", { pin: ["w_2077_44"], recommendedTag: "" }, newest],
    ["one that is recommended and among the newest once", { recommendedTag: "w_2077_44" }, newest],
    [
      "a pinned one for an architecture: it was named on purpose",
      { ...none, pin: ["r30_0_0-amd64"] },
      ["r30_0_0-amd64"],
    ],
    [
      "a recommended one for an architecture too",
      { ...none, recommendedTag: "recommended-arm64" },
      ["recommended-arm64"],
    ],
    ["alias tags are not chosen for being named", { ...none, aliasTags: ["latest"] }, []],
  ])("%s", (_, given, chosen) => {
    const choice = choosePrepull(tags, options(given));
    expect([...choice.tags].sort()).toEqual([...chosen].sort());
    expect(choice.warnings).toEqual([]);
  });

  it.each<[string, Partial<PrepullOptions>, readonly string[]]>([
    ["a pinned tag that does not exist", { pin: ["gone", "w_2077_44"] }, ["gone"]],
    ["each of several", { pin: ["gone", "lost"] }, ["gone", "lost"]],
    ["a recommended tag that does not exist", { recommendedTag: "gone" }, ["gone"]],
    ["both", { recommendedTag: "gone", pin: ["lost"] }, ["gone", "lost"]],
  ])("warns of %s", (_, given, named) => {
    const { warnings } = choosePrepull(tags, options(given));
    expect(warnings).toHaveLength(named.length);
    for (const text of named) {
      expect(warnings.join("\n")).toContain(text);
    }
  });

  it("does not warn of the default recommended tag", () => {
    const { warnings, tags: chosen } = choosePrepull([tag("w_2077_44")], options());
    expect(warnings).toEqual([]);
    expect([...chosen]).toEqual(["w_2077_44"]);
  });
});

describe("inCycle", () => {
  it.each([
    ["without a cycle all tags are known", tag("w_2077_43"), undefined, true],
    ["a tag of the cycle", tag("w_2077_43_c0045.003"), 45, true],
    ["of another one", tag("w_2077_43_c0046.003"), 45, false],
    ["a tag without a cycle does not pass", tag("w_2077_43"), 45, false],
    ["an alias is no exception", aliasTag("recommended"), 45, false],
    ["an alias that names the cycle", aliasTag("latest_c0045"), 45, true],
    ["an unknown tag that names it", tag("latest_c0045"), 45, true],
    ["an experimental one that names it", tag("exp_w_2077_43_c0045.003"), 45, true],
    ["cycle 0 is a cycle", tag("w_2077_43_c0.1"), 0, true],
    ["a tag without a cycle is not of cycle 0", tag("w_2077_43"), 0, false],
  ])("%s", (_, of, cycle, known) => {
    expect(finish(inCycle([{ tag: of }], cycle))).toEqual(known ? [{ tag: of }] : []);
  });
});
