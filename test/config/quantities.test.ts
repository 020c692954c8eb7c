/**
 * Durations and sizes as a configuration writes them.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDuration, parseSize } from "../../src/config/quantities.ts";

describe("parseDuration", () => {
  it.each([
    ["0", 0],
    [0, 0],
    ["0s", 0],
    ["90s", 90_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["2d", 172_800_000],
    ["3w", 1_814_400_000],
    ["104w", 62_899_200_000],
    ["007m", 420_000],
  ])("%j is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    ["a number without a unit", 5],
    ["digits without a unit", "5"],
    ["a unit alone", "s"],
    ["nothing", ""],
    ["a fraction", "1.5h"],
    ["a sign", "-1s"],
    ["a plus", "+1s"],
    ["two parts", "1h30m"],
    ["a space", "5 m"],
    ["space around it", " 5m "],
    ["a line end", "5m\n"],
    ["upper case", "5M"],
    ["milliseconds", "5ms"],
    ["years", "1y"],
    ["a name of every object", "1constructor"],
    ["another name of every object", "1toString"],
    ["more digits than any date needs", "1234567890123s"],
    ["other digits", "٣s"],
    ["null", null],
    ["undefined", undefined],
    ["true", true],
    ["a list", ["5m"]],
    ["a map", { s: 5 }],
  ])("%s is none: %j", (_, value) => {
    expect(parseDuration(value)).toBeUndefined();
  });

  it("is digits times the unit", () => {
    const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), unit, (count, of) => {
        expect(parseDuration(`${count}${of}`)).toBe(count * units[of] * 1000);
      }),
    );
  });
});

describe("parseSize", () => {
  it.each([
    ["512B", 512],
    ["64KiB", 65_536],
    ["256MiB", 268_435_456],
    ["1GiB", 1_073_741_824],
  ])("%j is %d bytes", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    ["a number without a unit", 1024],
    ["digits without a unit", "1024"],
    ["zero without a unit", "0"],
    ["powers of ten", "64KB"],
    ["a lower-case unit", "64kib"],
    ["a letter", "64K"],
    ["a fraction", "1.5MiB"],
    ["a sign", "-1B"],
    ["a space", "64 KiB"],
    ["a name of every object", "1valueOf"],
    ["null", null],
  ])("%s is none: %j", (_, value) => {
    expect(parseSize(value)).toBeUndefined();
  });
});
