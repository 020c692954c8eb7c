/**
 * Metrics of one part of the program, in the text format of Prometheus. Each has a registry of its own: nothing is
 * shared by way of the library's global one, so that two in one process, as in tests, are two.
 */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { CallHistogram } from "./call-histogram.ts";

const residentMemory = "process_resident_memory_bytes";
const fromSystemFiles = [
  ...[residentMemory, "process_virtual_memory_bytes", "process_heap_bytes"],
  ...["process_open_fds", "process_max_fds"],
];

export class Metrics {
  readonly #registry = new Registry();

  /** Only grows; its name ends in `_total`. */
  counter<Label extends string = never>(
    name: `${string}_total`,
    help: string,
    labelNames: readonly Label[] = [],
  ): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  /** What is so now. */
  gauge<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  /** How often something took how long, in seconds. */
  histogram<Label extends string = never>(
    name: `${string}_seconds`,
    help: string,
    buckets: readonly number[],
    labelNames: readonly Label[] = [],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [this.#registry] });
  }

  /** Adds those of the process itself. What measures them runs until the process ends. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
    // The library takes these from files of the system, and says 0 where it may not read them, as on Deno.
    for (const name of fromSystemFiles) this.#registry.removeSingleMetric(name);
    new Gauge({
      name: residentMemory,
      help: "Resident memory size in bytes.",
      registers: [this.#registry],
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  /** A histogram of calls, in seconds. */
  callHistogram(
    name: `${string}_seconds`,
    help: string,
    buckets: readonly number[],
    labelNames: readonly string[],
  ): CallHistogram {
    return new CallHistogram({ name, help, buckets, labelNames, register: this.#registry });
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
