/** The histogram of calls writes what prom-client's own would. */
import fc from "fast-check";
import { Histogram, Registry } from "prom-client";
import { expect, it } from "vitest";
import { CallHistogram } from "../../src/observability/call-histogram.ts";

const own = {
  name: "calls_seconds",
  help: "How long.",
  buckets: [0.001, 0.5, 1],
  labelNames: ["a", "b"],
} as const;
const series = [
  { a: "x", b: "1" },
  { a: "x", b: '2"\\' },
];

it("for any values", async () => {
  const value = fc.oneof(fc.constantFrom(0, 0.001, 0.5, 1, 2), fc.double({ min: 0, max: 3, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(1), value)), async (values) => {
      const [registry, reference] = [new Registry(), new Registry()];
      const histogram = new CallHistogram({ ...own, register: registry });
      const { buckets, labelNames, ...named } = own;
      const expected = new Histogram({
        ...named,
        ...{ buckets: [...buckets], labelNames: [...labelNames], registers: [reference] },
      });
      const take = series.map((labels) => histogram.series(labels));
      for (const [index, seconds] of [...values].sort(([first], [second]) => first - second)) {
        take[index]?.(seconds);
        expected.observe(series[index] ?? {}, seconds);
      }
      expect(await registry.metrics()).toBe(await reference.metrics());
    }),
  );
});
