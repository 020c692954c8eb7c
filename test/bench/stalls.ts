/**
 * How long callers of `MenuImages` wait while the service is at something large, beside how long they wait at rest: calls
 * come at a steady rate, whether or not answers do.
 */
import { median } from "./compare.ts";
import { dockerSource, staticSource } from "./configurations.ts";
import { grpcRequests } from "./grpc.ts";
import { type LoadResult, runLoad } from "./load.ts";
import { updateRequest } from "./node-cache.ts";
import type { Options } from "./options.ts";
import { ask, message, start } from "./processes.ts";
import { rawClient, serviceName } from "./raw-call.ts";
import { menuCase } from "./recordings.ts";
import { type Runtime, type Service, startService } from "./service.ts";
import { imagesOfNode, manyNodes } from "./update.ts";

export interface Stall {
  readonly while: string;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How often it was done meanwhile, in all rounds. */
  readonly times: number;
  readonly errors: number;
}

const tags = 100_000;
const rate = 200;
const seconds = 4;
/** What an answer tells of the snapshot changes. */
const slack = 64;

export async function benchStalls({ rounds }: Options, runtime: Runtime = "node"): Promise<Stall[]> {
  const registry = start("fake-registry.ts", String(tags));
  const host = await message<string>(registry);
  const small = staticSource({ name: "small", images: 100, nodes: 0 });
  const service = await startService(runtime, [dockerSource("large", host), small]);
  const client = rawClient(service.address);
  const update = (request: Uint8Array) => client.call(`/${serviceName}/UpdateImages`, request);
  const [refresh, nodes] = [updateRequest("large", 0, 0), updateRequest("small", manyNodes, imagesOfNode)];
  const works: Record<string, () => Promise<unknown>> = {
    "at rest": () => new Promise((resolve) => setTimeout(resolve, 100)),
    [`${tags} tags are refreshed`]: async () => {
      await ask(registry, "change");
      await update(refresh);
    },
    [`UpdateImages, ${manyNodes} nodes`]: () => update(nodes),
  };
  try {
    await update(refresh); // waits for the first listing
    const results: Record<string, LoadResult[]> = {};
    const times: Record<string, number> = {};
    for (let round = 0; round < Math.max(1, Math.ceil(rounds / 2)); round++) {
      for (const [name, work] of Object.entries(works)) {
        const { result, count } = await meanwhile(() => calls(service), work);
        results[name] = [...(results[name] ?? []), result];
        times[name] = (times[name] ?? 0) + count;
      }
    }
    return Object.entries(results).map(([name, list]) => ({
      while: name,
      p50: median(list.map(({ p50 }) => p50)),
      p99: median(list.map(({ p99 }) => p99)),
      max: Math.max(...list.map(({ max }) => max)),
      times: times[name] ?? 0,
      errors: list.reduce((sum, { errors }) => sum + errors, 0),
    }));
  } finally {
    client.close();
    registry.disconnect();
    await service.stop();
  }
}

/** Menus of the source that is refreshed, which shows 100 of its images. */
async function calls({ address, program }: Service): Promise<LoadResult> {
  const requests = await grpcRequests(address, menuCase("", "large"));
  const shape = { protocol: "grpc", connections: 8, streams: 1, rate, seconds, slack } as const;
  return runLoad({ ...shape, address, pid: program.pid, requests });
}

/** Repeats the work until the calls have ended. */
async function meanwhile<T>(
  call: () => Promise<T>,
  work: () => Promise<unknown>,
): Promise<{ readonly result: T; readonly count: number }> {
  let isOver = false;
  const called = call().finally(() => {
    isOver = true;
  });
  let count = 0;
  for (; !isOver; count++) await work();
  return { result: await called, count };
}
