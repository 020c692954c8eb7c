/**
 * From the start of the process to the line that says that it listens, to the first answer, and to being ready.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { median } from "./compare.ts";
import { staticSource } from "./configurations.ts";
import type { Options } from "./options.ts";
import { type RawClient, rawClient, serviceName } from "./raw-call.ts";
import { type Runtime, runtimes, startService } from "./service.ts";

export interface StartCost {
  readonly runtime: Runtime;
  readonly listeningMs: number;
  readonly firstAnswerMs: number;
  readonly readyMs: number;
}

const menu = Buffer.alloc(0);
const isServing = (reply: Buffer) => reply.equals(Buffer.from([8, 1])); // field 1, status SERVING

export async function benchStart({ rounds }: Options): Promise<StartCost[]> {
  const costs: StartCost[] = [];
  for (let round = 0; round <= rounds; round++) {
    for (const runtime of runtimes) {
      const cost = await start(runtime);
      if (round > 0) costs.push(cost); // the first one warms the disk's cache
    }
  }
  return runtimes.map((runtime) => {
    const own = costs.filter((cost) => cost.runtime === runtime);
    return {
      runtime,
      listeningMs: median(own.map(({ listeningMs }) => listeningMs)),
      firstAnswerMs: median(own.map(({ firstAnswerMs }) => firstAnswerMs)),
      readyMs: median(own.map(({ readyMs }) => readyMs)),
    };
  });
}

async function start(runtime: Runtime): Promise<StartCost> {
  const service = await startService(runtime, [staticSource({ name: "lab", images: 100, nodes: 10 })]);
  const client = rawClient(service.address);
  const since = (path: string, isGood: (reply: Buffer) => boolean) =>
    until(client, path, isGood).then(() => performance.now() - service.startedAt);
  try {
    const [firstAnswerMs, readyMs] = await Promise.all([
      since(`/${serviceName}/MenuImages`, (reply) => reply.length > 0),
      since("/grpc.health.v1.Health/Check", isServing),
    ]);
    return { runtime, listeningMs: service.listeningMs, firstAnswerMs, readyMs };
  } finally {
    client.close();
    await service.stop();
  }
}

async function until(client: RawClient, path: string, isGood: (reply: Buffer) => boolean): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(1)) {
    const reply = await client.call(path, menu).catch(() => undefined);
    if (reply && isGood(reply)) return;
  }
  throw new Error(`no good answer of ${path} within 10 s`);
}
