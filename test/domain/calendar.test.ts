import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dateOfDay, thursdayOfWeek } from "../../src/domain/calendar.ts";
import { day, oneDay } from "../support/domain.ts";

describe("dateOfDay", () => {
  it.each([
    [2021, 5, 13, "2021-05-13"],
    [2024, 2, 29, "2024-02-29"],
    [2000, 2, 29, "2000-02-29"],
    [2021, 12, 31, "2021-12-31"],
    [1, 1, 1, "0001-01-01"],
    [99, 3, 4, "0099-03-04"],
    [9999, 12, 31, "9999-12-31"],
  ])("%i-%i-%i is 00:00 UTC of %s", (year, month, dayOfMonth, text) => {
    expect(dateOfDay(year, month, dayOfMonth)).toBe(day(text));
  });

  it.each([
    ["day 40", 2021, 5, 40],
    ["month 13", 2021, 13, 1],
    ["month 0", 2021, 0, 1],
    ["day 0", 2021, 5, 0],
    ["31 April", 2021, 4, 31],
    ["29 February of a common year", 2023, 2, 29],
    ["29 February of a century", 1900, 2, 29],
    ["year 0", 0, 1, 1],
    ["year 10000", 10_000, 1, 1],
    ["numbers as large as a tag can have", 2147483647, 2147483647, 2147483647],
  ])("there is no %s", (_, year, month, dayOfMonth) => {
    expect(dateOfDay(year, month, dayOfMonth)).toBeUndefined();
  });
});

describe("thursdayOfWeek", () => {
  it.each([
    [2021, 1, "2021-01-07"],
    [2021, 13, "2021-04-01"],
    [2021, 52, "2021-12-30"],
    [2020, 53, "2020-12-31"],
    [2026, 1, "2026-01-01"],
    [2026, 53, "2026-12-31"],
    [1, 1, "0001-01-04"],
    [21, 1, "0021-01-07"],
    [9999, 52, "9999-12-30"],
  ])("of %i, week %i is %s", (year, week, text) => {
    expect(thursdayOfWeek(year, week)).toBe(day(text));
  });

  it.each([
    ["2021 has 52 weeks", 2021, 53],
    ["2024 has 52 weeks", 2024, 53],
    ["no year has 54", 2020, 54],
    ["weeks begin with 1", 2021, 0],
    ["years begin with 1", 0, 1],
    ["years end with 9999", 10_000, 1],
    ["numbers as large as a tag can have", 2147483647, 2147483647],
  ])("%s: nothing for %i, week %i", (_, year, week) => {
    expect(thursdayOfWeek(year, week)).toBeUndefined();
  });

  it("weeks of any year are Thursdays of that year, seven days apart, 52 or 53 of them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), (year) => {
        const weeks = Array.from({ length: 60 }, (_, i) => thursdayOfWeek(year, i + 1)).filter(
          (date) => date !== undefined,
        );
        const first = weeks[0] ?? Number.NaN;
        expect([52, 53]).toContain(weeks.length);
        expect(weeks).toEqual(weeks.map((_, i) => first + 7 * i * oneDay));
        expect(weeks.map((date) => new Date(date).getUTCDay())).toEqual(weeks.map(() => 4));
        expect(weeks.map((date) => new Date(date).getUTCFullYear())).toEqual(weeks.map(() => year));
        // No Thursday of the year is left out.
        expect(new Date(first - 7 * oneDay).getUTCFullYear()).toBe(year - 1);
        expect(new Date(first + 7 * weeks.length * oneDay).getUTCFullYear()).toBe(year + 1);
      }),
    );
  });
});
