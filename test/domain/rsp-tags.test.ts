import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { imageTypes } from "../../src/domain/image-type.ts";
import type { Tag } from "../../src/domain/tag.ts";
import { aliasTag, golden, tag } from "../support/domain.ts";
import { anyTexts } from "../support/domain-arbitraries.ts";

/** A tag as a line of the golden files. */
function lineOf(tag: Tag): string {
  const { version } = tag;
  const numbers = version && `${version.major}.${version.minor}.${version.patch}`;
  const values = {
    base: tag.base,
    version: numbers && (version.prerelease === undefined ? numbers : `${numbers}-rc${version.prerelease}`),
    semantic: tag.semantic || undefined,
    cycle: tag.cycle,
    cycleBuild: tag.cycleBuild,
    build: tag.build,
    extra: tag.extra,
    architecture: tag.architecture,
    date: tag.date === undefined ? undefined : new Date(tag.date).toISOString().replace("T00:00:00.000Z", ""),
  };
  const told = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => (value === true ? name : `${name}=${value}`));
  return [tag.text, tag.type, tag.displayName, told.join(" ")].join(" | ");
}

const parsed = golden("tags.txt", (lines) => lines.map(({ columns: [text = ""] }) => lineOf(tag(text))));
const named = golden("alias-tags.txt", (lines) =>
  lines.map(({ columns: [text = ""] }) => lineOf(aliasTag(text))),
);

describe("parse", () => {
  it.each(parsed.map(({ what, columns, line }) => [columns[0] ?? "", what, line] as const))(
    "%s: %s",
    (text, _, line) => {
      expect(lineOf(tag(text))).toBe(line);
    },
  );

  it("has a row for every type but the alias, which is not recognised by shape", () => {
    const types = new Set(parsed.map(({ columns }) => columns[1]));
    expect([...types].sort()).toEqual(imageTypes.filter((type) => type !== "alias").sort());
  });

  it.each([
    ["exp_ ten thousand times, before nothing", "exp_".repeat(10_000), "experimental"],
    ["exp_ ten thousand times, before a weekly", `${"exp_".repeat(10_000)}w_2077_43`, "experimental"],
    ["a hundred thousand digits", `r${"1".repeat(100_000)}_0_0`, "unknown"],
    ["a hundred thousand hyphens", `w_2077_43_${"-a".repeat(50_000)}-`, "weekly"],
    ["a hundred thousand underscores", `x${"_c".repeat(50_000)}`, "unknown"],
    ["a newline at the end", "w_2077_43\n", "unknown"],
    ["half a character", "latest\ud800", "unknown"],
    ["digits that are not ASCII", "w_２０７７_43", "unknown"],
    ["nothing", "", "unknown"],
  ])("does not stumble over %s", (_, text, type) => {
    expect(tag(text)).toMatchObject({ text, type });
  });

  it("takes the values of a weekly from under ten thousand exp_", () => {
    const nested = tag(`${"exp_".repeat(10_000)}w_2077_43_c0045.003`);
    const { text: _, type: __, displayName: ___, ...values } = tag("w_2077_43_c0045.003");
    expect(nested).toMatchObject(values);
    expect(nested.displayName).toBe(
      `${"Experimental ".repeat(10_000)}Weekly 2077_43 (SAL Cycle 0045, Build 003)`,
    );
  });

  it("never throws and keeps the text, whatever it is", () => {
    fc.assert(
      fc.property(anyTexts, (text) => {
        const read = tag(text);
        expect(read.text).toBe(text);
        expect(read.type).not.toBe("alias");
        expect(aliasTag(text).text).toBe(text);
        for (const number of [read.cycle, read.cycleBuild, read.build]) {
          expect(number ?? 0).toBeLessThanOrEqual(2147483647);
        }
        // Names without cycle and architecture are for tags that have no version, and for all of those.
        expect(read.base === undefined).toBe(read.version !== undefined);
      }),
      { numRuns: 3000 },
    );
  });

  it("reads what follows exp_ as a tag of its own, and takes everything over but text, type and name", () => {
    fc.assert(
      fc.property(anyTexts, (text) => {
        fc.pre(text !== "");
        const inner = tag(text);
        expect(tag(`exp_${text}`)).toEqual({
          ...inner,
          text: `exp_${text}`,
          type: "experimental",
          displayName: `Experimental ${inner.displayName}`,
        });
      }),
      { numRuns: 2000 },
    );
  });
});

describe("asAlias", () => {
  it.each(named.map(({ what, columns, line }) => [columns[0] ?? "", what, line] as const))(
    "%s: %s",
    (text, _, line) => {
      expect(lineOf(aliasTag(text))).toBe(line);
    },
  );

  it("changes only what is unknown, and there only type and name", () => {
    fc.assert(
      fc.property(anyTexts, (text) => {
        const read = tag(text);
        const named = aliasTag(text);
        const { type: _, displayName: __, ...values } = read;
        expect(named).toMatchObject(read.type === "unknown" ? { ...values, type: "alias" } : { ...read });
      }),
    );
  });
});
