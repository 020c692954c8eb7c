import { describe, expect, it } from "vitest";
import { isAttachment, isTagName } from "../../src/domain/tag.ts";

const hex64 = "0123456789abcdef".repeat(4);

describe("isTagName (case 8)", () => {
  it.each([
    ["a letter", "a"],
    ["an underscore first", "_a"],
    ["a digit first", "1.2.3-alpine"],
    ["upper case", "MiXeD_CaSe"],
    ["128 characters", "a".repeat(128)],
  ])("case 8: takes %s", (_, text) => {
    expect(isTagName(text)).toBe(true);
  });

  it.each([
    ["129 characters", "a".repeat(129)],
    ["nothing", ""],
    ["a dot first", ".a"],
    ["a hyphen first", "-a"],
    ["a colon", "a:b"],
    ["a slash", "a/b"],
    ["a space", "a b"],
    ["a line after it", "a\n"],
    ["a line in it", "a\nb"],
    ["a letter that is not ASCII", "é"],
    ["digits that are not ASCII", "w_２０２１_13"],
    ["half a character", "a\ud800"],
  ])("case 8: refuses %s", (_, text) => {
    expect(isTagName(text)).toBe(false);
  });
});

describe("isAttachment (case 145)", () => {
  it.each(["", ".sig", ".att", ".sbom"])("case 145: sha256-<hex>%s is no image", (suffix) => {
    expect(isAttachment(`sha256-${hex64}${suffix}`)).toBe(true);
  });

  it.each([
    ["63 digits", `sha256-${hex64.slice(1)}`],
    ["65 digits", `sha256-${hex64}0`],
    ["upper case", `sha256-${hex64.toUpperCase()}`],
    ["another suffix", `sha256-${hex64}.foo`],
    ["two suffixes", `sha256-${hex64}.sig.att`],
    ["a suffix without its dot", `sha256-${hex64}sig`],
    ["another algorithm", `sha512-${hex64}${hex64}`],
    ["something before it", `x_sha256-${hex64}`],
    ["a line after it", `sha256-${hex64}\n`],
    ["an ordinary tag", "w_2077_43"],
  ])("case 145: what has %s is an image like any other", (_, text) => {
    expect(isAttachment(text)).toBe(false);
  });
});
