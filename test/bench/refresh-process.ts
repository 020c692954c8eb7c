/**
 * A process of its own that reads a registry several times, and tells what each time cost it.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { dockerReader } from "../../src/registry/docker-reader.ts";
import { plainOptions } from "../support/docker-options.ts";
import { patient, silent } from "../support/reader.ts";
import { nothing, sourceOf } from "../support/source.ts";

export interface RefreshCost {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The longest time that the event loop did not turn. */
  readonly stallMs: number;
  /** Resident memory at its highest, above that of the process before it had read anything. */
  readonly peakMB: number;
  /** Heap in use after a collection, above that of the process before it had read anything. */
  readonly retainedMB: number;
}

const [, , host = ""] = process.argv;
const where = { registry: host, repository: "sciplat/lab" };
const reader = dockerReader(
  {
    ...where,
    ...plainOptions,
  },
  silent,
);
const source = sourceOf(reader, where);
const megabyte = 1024 * 1024;
globalThis.gc?.();
const rest = process.memoryUsage();

async function measure(): Promise<RefreshCost> {
  let stallMs = 0;
  let peak = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    const now = performance.now();
    stallMs = Math.max(stallMs, now - last);
    last = now;
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 1);
  await sleep(10);
  const cpu = process.cpuUsage();
  const started = performance.now();
  await source.updateImages(nothing, patient);
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  await sleep(10);
  clearInterval(watch);
  globalThis.gc?.();
  return {
    wallMs,
    cpuMs: (user + system) / 1000,
    stallMs,
    peakMB: (peak - rest.rss) / megabyte,
    retainedMB: (process.memoryUsage().heapUsed - rest.heapUsed) / megabyte,
  };
}

process.on("message", async () => process.send?.(await measure()));
process.on("disconnect", () => process.exit());
process.send?.("ready");
