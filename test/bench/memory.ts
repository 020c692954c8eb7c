/**
 * Resident memory of the service at rest, after 100,000 calls and after 1,000,000: it must not grow with them.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { staticSource } from "./configurations.ts";
import { grpcRequests } from "./grpc.ts";
import { type Request, runLoad } from "./load.ts";
import { residentMB } from "./process-memory.ts";
import { menuCase, tagCase } from "./recordings.ts";
import { type Runtime, runtimes, type Service, startService } from "./service.ts";

export interface MemoryUse {
  readonly runtime: Runtime;
  readonly restMB: number;
  /** After 100,000 calls. */
  readonly someMB: number;
  /** After 1,000,000; on Node only, since it takes a minute. */
  readonly manyMB?: number;
  readonly errors: number;
}

const some = 100_000;
const many = 1_000_000;

export async function benchMemory(): Promise<MemoryUse[]> {
  const uses: MemoryUse[] = [];
  for (const runtime of runtimes) {
    const service = await startService(runtime, [staticSource({ name: "hundred", images: 100, nodes: 10 })]);
    uses.push(await measure(runtime, service).finally(() => service.stop()));
  }
  return uses;
}

async function measure(runtime: Runtime, { address, program: { pid } }: Service): Promise<MemoryUse> {
  const restMB = await settled(pid);
  // A menu is asked for as often as each of 100 tags, so that a million calls take less than minutes.
  const requests: Request[] = [
    ...(await grpcRequests(address, menuCase("", "hundred"))),
    ...(await grpcRequests(address, tagCase)),
  ];
  const load = (calls: number) =>
    runLoad({ protocol: "grpc", address, connections: 8, streams: 10, seconds: 0, calls, pid, requests });
  const first = await load(some);
  const someMB = await settled(pid);
  if (runtime !== "node") return { runtime, restMB, someMB, errors: first.errors };
  const rest = await load(many - some);
  const manyMB = await settled(pid);
  return { runtime, restMB, someMB, manyMB, errors: first.errors + rest.errors };
}

async function settled(pid: number): Promise<number> {
  await sleep(2000);
  return residentMB(pid);
}
