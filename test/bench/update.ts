/**
 * `UpdateImages` with the nodes of a large cluster: how long the caller waits, and what memory it takes above rest.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { median } from "./compare.ts";
import { staticSource } from "./configurations.ts";
import { updateRequest } from "./node-cache.ts";
import { forgetPeak, peakMB, residentMB } from "./process-memory.ts";
import { rawClient, serviceName } from "./raw-call.ts";
import { type Runtime, runtimes, startService } from "./service.ts";

export interface UpdateCost {
  readonly runtime: Runtime;
  readonly nodes: number;
  readonly requestMB: number;
  /** Of the first call of a new process, and of those after it. */
  readonly firstMs: number;
  readonly laterMs: number;
  /** Resident memory at its highest, above that before the first call. */
  readonly peakMB: number;
}

export const manyNodes = 5_000;
export const imagesOfNode = 50;
const laterCalls = 5;

export async function benchUpdate(): Promise<UpdateCost[]> {
  const rows: UpdateCost[] = [];
  for (const runtime of runtimes) rows.push(await measure(runtime));
  return rows;
}

async function measure(runtime: Runtime): Promise<UpdateCost> {
  const service = await startService(runtime, [staticSource({ name: "lab", images: 100, nodes: 0 })]);
  const client = rawClient(service.address);
  const request = updateRequest("lab", manyNodes, imagesOfNode);
  const timed = async () => {
    const started = performance.now();
    await client.call(`/${serviceName}/UpdateImages`, request);
    return performance.now() - started;
  };
  try {
    await sleep(1000);
    const { pid } = service.program;
    const rest = residentMB(pid);
    forgetPeak(pid);
    const firstMs = await timed();
    const later: number[] = [];
    for (let call = 0; call < laterCalls; call++) later.push(await timed());
    const peak = peakMB(pid) - rest;
    const requestMB = request.length / 1e6;
    return { runtime, nodes: manyNodes, requestMB, firstMs, laterMs: median(later), peakMB: peak };
  } finally {
    client.close();
    await service.stop();
  }
}
