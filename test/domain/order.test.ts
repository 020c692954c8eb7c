import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareAge, compareListed } from "../../src/domain/order.ts";
import { aliasTag, tag } from "../support/domain.ts";
import { tags } from "../support/domain-arbitraries.ts";

/** Every pair compares as the places in the list say. */
function expectAscending(texts: readonly string[]): void {
  const all = texts.map(tag);
  const signs = all.map((a) => all.map((b) => Math.sign(compareAge(a, b))));
  expect(signs).toEqual(all.map((_, i) => all.map((_, j) => Math.sign(i - j))));
}

describe("compareAge, from the oldest to the newest", () => {
  it.each([
    [
      "the example of the document",
      [
        "r21_0_1",
        "r21_0_1_rsp29",
        "r21_0_1_rsp103",
        "r21_0_1_rsp103_extra",
        "r21_0_1_rsp103_foo-amd64",
        "r21_0_1_rsp103_foo-arm64",
        "r21_0_1_rsp103_foo",
        "r21_0_1_c0031.004",
        "r21_0_1_c0031.004_rsp103",
        "r21_0_1_c0032.004_rsp102",
        "r21_0_1_c0032.005_rsp101",
      ],
    ],
    ["some have no version: a base beats none", ["exp_r29_0_0", "exp_w_2026_01", "exp_random", "exp_zzz"]],
    ["major, minor and patch count as numbers", ["r9_9_9", "r10_2_0", "r10_10_9", "r10_10_10"]],
    ["weeks count as numbers", ["w_2020_53", "w_2021_9", "w_2021_10"]],
    ["days count as numbers", ["d_2021_5_9", "d_2021_05_10", "d_2021_5_11", "d_2021_10_01"]],
    ["rc10 is newer than rc9", ["r30_0_0_rc9", "r30_0_0_rc10"]],
    ["what is no candidate is newer than the candidates", ["exp_r30_0_0_rc10", "exp_r30_0_0"]],
    ["cycle counts as a number", ["w_2077_43_c9.1", "w_2077_43_c0010.1"]],
    ["cycle build counts as a number", ["w_2077_43_c9.9", "w_2077_43_c9.10"]],
    ["RSP build counts as a number", ["w_2077_43_rsp9", "w_2077_43_rsp10"]],
    ["a missing cycle is older than cycle 0", ["w_2077_43_rsp9", "w_2077_43_c0.0"]],
    ["a missing RSP build is older than build 0", ["w_2077_43_x", "w_2077_43_rsp0"]],
    ["text compares by code unit", ["w_2077_43", "w_2077_43_Z", "w_2077_43_a"]],
    ["without an architecture is newest", ["w_2077_43-amd64", "w_2077_43-arm64", "w_2077_43"]],
    ["equal values: the text of the tag decides", ["r022_0_1", "r22_0_1"]],
    ["equal candidates: the text of the tag decides", ["r22_0_0_rc01", "r22_0_0_rc1"]],
    ["unknown ones by base, by code unit", ["MiXeD", "latest", "newest"]],
    ["then by cycle", ["latest", "latest_c9", "latest_c0010"]],
    ["then by architecture", ["latest-amd64", "latest-arm64", "latest"]],
  ])("%s", (_, texts) => {
    expectAscending(texts);
  });
});

describe("compareListed", () => {
  it("groups by type in menu order, newest first in each", () => {
    const listed = [
      aliasTag("recommended"),
      ...["r22_0_1", "r21_0_1", "w_2077_43", "w_2021_22", "d_2077_10_23", "d_2021_05_27"].map(tag),
      ...["r30_0_0_rc10", "r30_0_0_rc9", "exp_zzz", "exp_random", "exp_w_2026_01", "exp_r29_0_0"].map(tag),
      ...["odd", "latest"].map(tag),
    ];
    expect([...listed].reverse().sort(compareListed)).toEqual(listed);
  });

  it("is a total order: antisymmetric, transitive, 0 only for equal text", () => {
    fc.assert(
      fc.property(tags, tags, tags, (a, b, c) => {
        const ab = Math.sign(compareListed(a, b));
        expect(Math.sign(compareListed(b, a)) + ab).toBe(0);
        expect(compareListed(a, a)).toBe(0);
        expect(ab === 0).toBe(a.text === b.text && a.type === b.type);
        if (ab <= 0 && compareListed(b, c) <= 0) {
          expect(compareListed(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it("a listing does not depend on the order of the input", () => {
    const shuffled = fc
      .uniqueArray(tags, { selector: ({ text }) => text, maxLength: 20 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect([...other].sort(compareListed)).toEqual([...all].sort(compareListed));
      }),
    );
  });
});
