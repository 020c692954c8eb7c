/**
 * `MarkPrepulled` with few nodes and with many: a mark must not cost more where there are more. In turns with a menu, too,
 * which shows what a mark leaves to be done by the next call.
 */
import { type Comparison, comparisonOf, interleaved } from "./compare.ts";
import { staticSource } from "./configurations.ts";
import { grpcRequests } from "./grpc.ts";
import { runLoad } from "./load.ts";
import { updateRequest } from "./node-cache.ts";
import type { Options } from "./options.ts";
import { rawClient, serviceName } from "./raw-call.ts";
import { markCase, menuCase } from "./recordings.ts";
import { type Service, startService } from "./service.ts";
import { imagesOfNode, manyNodes } from "./update.ts";

const nodes = { few: 10, many: manyNodes };
/** A mark may change the number of nodes that a menu shows with each image. */
const slack = 1_000;

export async function benchMarks({ rounds, seconds }: Options): Promise<Comparison[]> {
  const sources = Object.keys(nodes).map((name) => staticSource({ name, images: 100, nodes: 0 }));
  const service = await startService("node", sources);
  try {
    await tellNodes(service);
    const rows: Comparison[] = [];
    for (const withMenu of [false, true]) {
      const results = await interleaved(Object.keys(nodes), rounds, async (name) => {
        const marks = await grpcRequests(service.address, markCase("", name, nodes[name as "few" | "many"]));
        const [menu] = await grpcRequests(service.address, menuCase("", name));
        const requests = withMenu && menu ? marks.flatMap((mark) => [mark, menu]) : marks;
        const { address, program } = service;
        const shape = { protocol: "grpc", connections: 8, streams: 10, slack, seconds } as const;
        return runLoad({ ...shape, address, pid: program.pid, requests });
      });
      const what = withMenu ? "MarkPrepulled and MenuImages in turns" : "MarkPrepulled";
      rows.push(comparisonOf(what, 8, results, [["many", "few"]]));
    }
    return rows;
  } finally {
    await service.stop();
  }
}

async function tellNodes({ address }: Service): Promise<void> {
  const client = rawClient(address);
  for (const [name, count] of Object.entries(nodes)) {
    await client.call(`/${serviceName}/UpdateImages`, updateRequest(name, count, imagesOfNode));
  }
  client.close();
}
