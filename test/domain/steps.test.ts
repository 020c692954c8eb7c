import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { finish, merging, type Steps, sorting, stepSize } from "../../src/domain/steps.ts";

interface Entry {
  readonly key: number;
  readonly from: number;
}

/** Entries of few keys, so that many are equal; `from` tells them apart. */
function entries(count: number, from = 0): Entry[] {
  return Array.from({ length: count }, (_, i) => ({ key: (i * 7919) % 101, from: from + i }));
}

function byKey(a: Entry, b: Entry): number {
  return a.key - b.key;
}

const lengths = [0, 1, 2, stepSize - 1, stepSize, stepSize + 1, 2 * stepSize, 5 * stepSize + 17];

describe("finish", () => {
  it("runs all steps and answers what came of them", () => {
    const seen: number[] = [];
    function* steps(): Steps<string> {
      seen.push(1);
      yield;
      seen.push(2);
      yield;
      seen.push(3);
      return "done";
    }
    expect(finish(steps())).toBe("done");
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe("sorting", () => {
  it.each(lengths)("gives a sorted copy of %i entries; equal ones keep their order", (length) => {
    const list = entries(length);
    const before = [...list];
    expect(finish(sorting(list, byKey))).toEqual(before.toSorted(byKey));
    expect(list).toEqual(before);
  });

  it("sorts any list as the language does", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 3 * stepSize, size: "max" }), (list) => {
        const compare = (a: number, b: number) => (a % 10) - (b % 10);
        expect(finish(sorting(list, compare))).toEqual(list.toSorted(compare));
      }),
      { numRuns: 20 },
    );
  });

  it("never compares more between two steps than sorting a step's entries takes", () => {
    let compared = 0;
    let most = 0;
    let steps = 0;
    const sorted = sorting(entries(20 * stepSize), (a, b) => {
      compared += 1;
      return byKey(a, b);
    });
    for (let step = sorted.next(); !step.done; step = sorted.next()) {
      most = Math.max(most, compared);
      compared = 0;
      steps += 1;
    }
    expect(Math.max(most, compared)).toBeLessThanOrEqual(stepSize * Math.ceil(Math.log2(stepSize)));
    expect(steps).toBeGreaterThanOrEqual(20);
  });
});

describe("merging", () => {
  it.each(lengths.flatMap((first) => [0, 1, stepSize + 1].map((second) => [first, second] as const)))(
    "%i and %i sorted entries give one sorted list; equal ones of the first come before",
    (first, second) => {
      const a = entries(first).sort(byKey);
      const b = entries(second, first).sort(byKey);
      expect(finish(merging(a, b, byKey))).toEqual([...a, ...b].toSorted(byKey));
    },
  );
});
