/**
 * Calls on the gRPC port: the service on both runtimes beside a raw `node:http2` server that has the answers ready (the
 * floor) and a grpc-go server that encodes them for each call (the rival).
 */
import { type Comparison, comparisonOf, interleaved } from "./compare.ts";
import { type Request, runLoad } from "./load.ts";
import type { Options } from "./options.ts";
import { frame, serviceName } from "./raw-call.ts";
import { type Case, cases, record } from "./recordings.ts";
import { startGrpcServers, startServices, type Targets } from "./servers.ts";

/** Some 80 or 64 calls are under way at any time: enough that the server never waits, few enough to end soon. */
const loads = [
  { connections: 8, streams: 10 },
  { connections: 64, streams: 1 },
];

const pairs = [
  ["Node", "floor"],
  ["Node", "grpc-go"],
  ["Deno", "floor"],
] as const;

export async function benchGrpc(options: Options): Promise<Comparison[]> {
  const targets = await startGrpcServers(await startServices());
  try {
    return await compareGrpc(targets, cases, options, pairs);
  } finally {
    await targets.stop();
  }
}

export async function compareGrpc(
  targets: Targets,
  cases: readonly Case[],
  { rounds, seconds }: Options,
  pairs: readonly (readonly [string, string])[],
): Promise<Comparison[]> {
  const rows: Comparison[] = [];
  for (const each of cases) {
    const requests = await requestsOf(each, targets);
    for (const load of loads) {
      const results = await interleaved(Object.keys(targets.all), rounds, (name) => {
        const { address, pid } = targets.all[name] ?? { address: "", pid: 0 };
        return runLoad({ protocol: "grpc", ...load, seconds, address, pid, requests: requests[name] ?? [] });
      });
      rows.push(comparisonOf(each.name, load.connections, results, pairs));
    }
  }
  return rows;
}

/** Each server is held to its own answers, which are as long as those of the others but for a timestamp. */
async function requestsOf(each: Case, { all }: Targets): Promise<Record<string, Request[]>> {
  const requests: Record<string, Request[]> = {};
  for (const [name, { address }] of Object.entries(all)) requests[name] = await grpcRequests(address, each);
  const lengths = Object.values(requests).map((list) => list.reduce((sum, { bytes }) => sum + bytes, 0));
  if (Math.max(...lengths) - Math.min(...lengths) > 16)
    throw new Error(`${each.name}: the servers' answers have ${lengths} bytes in all`);
  return requests;
}

/** The requests of a case, with the lengths of a server's answers at present. */
export async function grpcRequests(address: string, each: Case): Promise<Request[]> {
  const recordings = await record(address, each);
  return recordings.map(({ method, request, reply }) => ({
    path: `/${serviceName}/${method}`,
    contentType: "application/grpc",
    body: frame(request),
    bytes: frame(reply).length,
  }));
}
