import { describe, expect, it } from "vitest";
import { isDigest } from "../../src/domain/digest.ts";

const hex64 = "0123456789abcdef".repeat(4);

describe("isDigest (case 9)", () => {
  it.each([
    ["sha256 and 64 hex digits", `sha256:${hex64}`],
    ["sha512 and 128 hex digits", `sha512:${hex64}${hex64}`],
  ])("takes %s", (_, text) => {
    expect(isDigest(text)).toBe(true);
  });

  it.each([
    ["upper case", `sha256:${hex64.toUpperCase()}`],
    ["an algorithm in upper case", `SHA256:${hex64}`],
    ["63 digits", `sha256:${hex64.slice(1)}`],
    ["65 digits", `sha256:${hex64}0`],
    ["sha256 of the length of sha512", `sha256:${hex64}${hex64}`],
    ["sha512 of the length of sha256", `sha512:${hex64}`],
    ["an algorithm that is not registered", `md5:${hex64.slice(32)}`],
    ["an algorithm of the right length that is not registered", `sha3:${hex64}`],
    ["a digit that is none", `sha256:${hex64.slice(1)}g`],
    ["no algorithm", hex64],
    ["a line after it", `sha256:${hex64}\n`],
    ["a space before it", ` sha256:${hex64}`],
    ["nothing", ""],
  ])("refuses %s", (_, text) => {
    expect(isDigest(text)).toBe(false);
  });
});
