/** The metrics of the process: those that dashboards look for. */
import { expect, it } from "vitest";
import { processMetrics } from "../../src/observability/process-metrics.ts";

it.each(["process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"])(
  "has %s, however often it is read",
  async (name) => {
    for (let time = 0; time < 2; time += 1)
      expect(await processMetrics()).toMatch(new RegExp(`^${name} [1-9]|^${name} 0\\.`, "m"));
  },
);
