import { describe, expect, it } from "vitest";
import { displayName, nameWithTarget, titleOf } from "../../src/domain/display-name.ts";

describe("displayName", () => {
  it.each([
    ["nothing behind it", {}, "Weekly 2021_22"],
    [
      "everything, as written",
      { cycle: "0020", cycleBuild: "001", build: "19", extra: "foo", architecture: "amd64" },
      "Weekly 2021_22 (SAL Cycle 0020, Build 001) (RSP Build 19) [foo] [amd64]",
    ],
    [
      "a cycle without a build",
      { cycle: "0027", architecture: "amd64" },
      "Weekly 2021_22 (SAL Cycle 0027) [amd64]",
    ],
    ["a build", { build: "019" }, "Weekly 2021_22 (RSP Build 019)"],
    ["an extra", { extra: "x_y" }, "Weekly 2021_22 [x_y]"],
    ["cycle 0", { cycle: "0", cycleBuild: "0" }, "Weekly 2021_22 (SAL Cycle 0, Build 0)"],
  ])("%s", (_, qualifiers, name) => {
    expect(displayName("Weekly 2021_22", qualifiers)).toBe(name);
  });
});

describe("titleOf", () => {
  it.each([
    ["recommended", "Recommended"],
    ["latest_weekly", "Latest Weekly"],
    ["old3rd_TAG", "Old3Rd Tag"],
    ["MiXeD_CaSe", "Mixed Case"],
    ["w_2021_53", "W 2021 53"],
    ["v1.2.3-alpine", "V1.2.3-Alpine"],
    ["1", "1"],
  ])("of %s is %s", (base, title) => {
    expect(titleOf(base)).toBe(title);
  });
});

describe("nameWithTarget", () => {
  it.each([
    [
      "parentheses in the target's name become commas",
      ["recommended", undefined],
      ["Daily 2077_10_23 (SAL Cycle 0045, Build 003)", undefined],
      "Recommended (Daily 2077_10_23, SAL Cycle 0045, Build 003)",
    ],
    [
      "each of several parentheses",
      ["latest", undefined],
      ["Weekly 2021_22 (SAL Cycle 0020, Build 001) (RSP Build 19) [foo]", undefined],
      "Latest (Weekly 2021_22, SAL Cycle 0020, Build 001, RSP Build 19 [foo])",
    ],
    [
      "another architecture is said of both",
      ["latest_weekly", "arm64"],
      ["Weekly 2077_45 [amd64]", "amd64"],
      "Latest Weekly (Weekly 2077_45 [amd64]) [arm64]",
    ],
    [
      "the same architecture is said once, last",
      ["latest", "arm64"],
      ["Weekly 2077_45 [arm64]", "arm64"],
      "Latest (Weekly 2077_45) [arm64]",
    ],
    [
      "an architecture that only the alias has",
      ["latest", "arm64"],
      ["Weekly 2077_43", undefined],
      "Latest (Weekly 2077_43) [arm64]",
    ],
    [
      "an extra that reads like the architecture stays",
      ["latest", "amd64"],
      ["Weekly 2077_43 [amd64] [amd64]", "amd64"],
      "Latest (Weekly 2077_43 [amd64]) [amd64]",
    ],
    [
      "everything at once",
      ["latest", "amd64"],
      ["Weekly 2021_22 (SAL Cycle 0020, Build 001) (RSP Build 19) [foo] [amd64]", "amd64"],
      "Latest (Weekly 2021_22, SAL Cycle 0020, Build 001, RSP Build 19 [foo]) [amd64]",
    ],
  ] as const)("%s", (_, [base, architecture], [displayName, ofTarget], name) => {
    expect(nameWithTarget({ base, architecture }, { displayName, architecture: ofTarget })).toBe(name);
  });
});
