import { describe, expect, it } from "vitest";
import { aliasNames, defaultPrepullOptions, mergeOptions } from "../../src/domain/prepull-options.ts";
import { options } from "../support/domain.ts";

it("the defaults are those of the document", () => {
  expect(defaultPrepullOptions).toEqual({
    recommendedTag: "recommended",
    numReleases: 1,
    numWeeklies: 2,
    numDailies: 3,
    cycle: undefined,
    pin: [],
    aliasTags: [],
  });
});

describe("mergeOptions", () => {
  const configured = options({
    recommendedTag: "stable",
    numWeeklies: 7,
    cycle: 45,
    pin: ["w_1"],
    aliasTags: ["latest"],
  });

  it.each([
    ["nothing is set: as configured", {}, {}],
    ["undefined is not set", { cycle: undefined, numWeeklies: undefined, recommendedTag: undefined }, {}],
    ["an empty list is as configured", { pin: [], aliasTags: [] }, {}],
    ["a list replaces the configured one", { pin: ["w_2", "w_3"] }, { pin: ["w_2", "w_3"] }],
    ["alias tags too", { aliasTags: ["newest"] }, { aliasTags: ["newest"] }],
    ["the empty recommended tag means none", { recommendedTag: "" }, { recommendedTag: "" }],
    [
      "0 is a value",
      { numReleases: 0, numWeeklies: 0, numDailies: 0, cycle: 0 },
      { numReleases: 0, numWeeklies: 0, numDailies: 0, cycle: 0 },
    ],
    ["each number by itself", { numDailies: 9 }, { numDailies: 9 }],
  ])("%s", (_, requested, changed) => {
    expect(mergeOptions(configured, requested)).toEqual({ ...configured, ...changed });
  });
});

describe("aliasNames", () => {
  it.each([
    [
      "the recommended tag and the alias tags",
      options({ aliasTags: ["latest", "newest"] }),
      ["latest", "newest", "recommended"],
    ],
    ["no recommended tag is no name", options({ recommendedTag: "", aliasTags: ["latest"] }), ["latest"]],
    ["each once", options({ aliasTags: ["recommended", "latest", "latest"] }), ["latest", "recommended"]],
    ["a pinned tag is none", options({ recommendedTag: "", pin: ["latest"] }), []],
  ])("%s", (_, given, names) => {
    expect([...aliasNames(given)].sort()).toEqual(names);
  });
});
