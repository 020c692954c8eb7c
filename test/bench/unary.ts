/**
 * The experiment of an own unary path (unary-server.ts) beside the service as it is, the floor and the rival.
 */
import type { Comparison } from "./compare.ts";
import { compareGrpc } from "./grpc.ts";
import type { Options } from "./options.ts";
import { cases } from "./recordings.ts";
import { servicesOf, startGrpcServers } from "./servers.ts";

const measured = /^(MenuImages|ImageForTagName|MarkPrepulled)/;

export async function benchUnary(options: Options): Promise<Comparison[]> {
  const targets = await startGrpcServers(await servicesOf({ Node: "node", own: "unary" }));
  try {
    const chosen = cases.filter(({ name }) => measured.test(name));
    return await compareGrpc(targets, chosen, options, [
      ["own", "Node"],
      ["Node", "floor"],
      ["own", "floor"],
      ["own", "grpc-go"],
    ]);
  } finally {
    await targets.stop();
  }
}
