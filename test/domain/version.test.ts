import { describe, expect, it } from "vitest";
import { compareVersions, parseVersion } from "../../src/domain/version.ts";
import { version } from "../support/domain.ts";

describe("compareVersions", () => {
  const ascending = [
    ["the lowest", version(9, 0, 0)],
    ["major counts first, as a number", version(10, 0, 0)],
    ["then minor", version(10, 2, 0)],
    ["as a number", version(10, 10, 0)],
    ["then patch", version(10, 10, 9)],
    ["as a number", version(10, 10, 10)],
    ["a candidate is older than its release", version(10, 11, 0, 0)],
    ["candidates count as numbers", version(10, 11, 0, 9)],
    ["rc10 is newer than rc9", version(10, 11, 0, 10)],
    ["the release is newer than all its candidates", version(10, 11, 0)],
    ["and older than the candidate of the next", version(10, 11, 1, 1)],
  ] as const;

  it.each(ascending.map(([what, value], i) => [what, value, i] as const))("%s", (_, value, i) => {
    const signs = ascending.map(([, other]) => Math.sign(compareVersions(value, other)));
    expect(signs).toEqual(ascending.map((_, j) => Math.sign(i - j)));
  });
});

describe("parseVersion", () => {
  it.each([
    ["25.0.0", version(25, 0, 0)],
    ["25.0.0-rc2", version(25, 0, 0, 2)],
    ["0.0.0", version(0, 0, 0)],
    ["25.10.11-rc0", version(25, 10, 11, 0)],
  ])("reads %s", (text, value) => {
    expect(parseVersion(text)).toEqual(value);
  });

  it.each([
    "",
    "25",
    "25.0",
    "25.0.0.0",
    "v25.0.0",
    "r25_0_0",
    "25.0.0-rc",
    "25.0.0rc2",
    "25.0.0-RC2",
    "25.0.0-beta2",
    "25.0.0-rc2-rc3",
    "25.0.-1",
    " 25.0.0",
    "25.0.0\n",
    "25.0.x",
  ])("reads nothing from %j", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});
