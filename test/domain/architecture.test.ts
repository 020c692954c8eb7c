import { describe, expect, it } from "vitest";
import { fitsArchitecture, knownArchitectures } from "../../src/domain/architecture.ts";

it("the known architectures are those of the document", () => {
  const known = "386 amd64 arm arm64 aarch64 armv5 armv6 armv7 loong64 mips64le ppc64le riscv64 s390x";
  expect([...knownArchitectures].sort()).toEqual(known.split(" ").sort());
});

describe("fitsArchitecture", () => {
  it.each([
    ["an image for any architecture runs everywhere", undefined, "arm64", true],
    ["a node whose architecture is not told takes every image", "arm64", "", true],
    ["nothing told on either side", undefined, "", true],
    ["the same", "amd64", "amd64", true],
    ["another", "arm64", "amd64", false],
    ["another, the other way round", "amd64", "arm64", false],
    ["aarch64 is arm64", "aarch64", "arm64", true],
    ["aarch64 is not amd64", "aarch64", "amd64", false],
    ["a word that is no architecture runs nowhere that tells one", "nosudo", "amd64", false],
  ] as const)("%s", (_, ofImage, ofNode, fits) => {
    expect(fitsArchitecture(ofImage, ofNode)).toBe(fits);
  });
});
