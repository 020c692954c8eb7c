/**
 * What the prepuller costs on a cluster of 5,000 nodes with 50 images each: planning, memory, requests to the API; and
 * what happens when 200 nodes join at once.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ClusterCounts, ClusterOrder } from "./fake-cluster.ts";
import type { ServiceStarted } from "./fake-service.ts";
import type { PlanCost } from "./prepull-plan.ts";
import { ask, message, start } from "./processes.ts";

export interface PrepullBench {
  readonly nodes: number;
  /** By what was measured. */
  readonly rows: Readonly<Record<string, string | number>>;
}

const nodes = 5_000;
/** Nodes that lack one image. */
const lacking = 100;
const joining = 200;
/** Images that each of those lacks. */
const lackingThen = 2;
const requestsPerSecond = 100;

export async function benchPrepull(): Promise<PrepullBench> {
  const plan = await message<PlanCost>(start("prepull-plan.ts", String(nodes)));
  const [service, cluster] = [start("fake-service.ts"), start("fake-cluster.ts")];
  const [{ address, images }, kubeconfig] = await Promise.all([
    message<ServiceStarted>(service),
    message<string>(cluster),
  ]);
  const order = (what: ClusterOrder) => ask<ClusterCounts>(cluster, what);
  await order({ kind: "nodes", images, count: nodes, lacking });
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  const prepuller = startPrepuller(directory, address, kubeconfig);
  try {
    const started = performance.now();
    const first = await pulled(order, lacking);
    const firstSeconds = (performance.now() - started) / 1000;
    const listings = await ask<number>(service, "listings");
    const memory = memoryOf(prepuller);
    const joinedAt = performance.now();
    await order({ kind: "join", images: images.slice(lackingThen), count: joining });
    const second = await pulled(order, lacking + joining * lackingThen);
    const joinSeconds = (performance.now() - joinedAt) / 1000;
    const listingsSince = (await ask<number>(service, "listings")) - listings;
    return {
      nodes,
      rows: {
        "planning a round, ms [1000]": Math.round(plan.planMs),
        "pairs of node and image that it found there": plan.present,
        "making the request to the service, ms": Math.round(plan.requestMs),
        "size of that request, MB": (plan.requestBytes / 1e6).toFixed(1),
        [`from start to ${lacking} pulls done, s`]: firstSeconds.toFixed(1),
        "resident memory then, MB [350]": memory.resident,
        "pages of the node list, watches of nodes": `${first.nodeLists}, ${first.nodeWatches}`,
        "lists, watches of pods": `${first.podLists}, ${first.podWatches}`,
        [`creates, deletes for ${lacking} pulls`]: `${first.creates}, ${first.deletes}`,
        [`${joining} nodes joining: ${joining * lackingThen} pulls done, s`]: joinSeconds.toFixed(1),
        "listings of the registry meanwhile [0]": listingsSince,
        "creates, deletes in all": `${second.creates}, ${second.deletes}`,
        [`most requests in a second, as they arrive [${requestsPerSecond}]`]: second.mostInASecond,
        [`most requests in 5 s [${5 * requestsPerSecond}]`]: second.mostIn5Seconds,
        "highest resident memory, MB [350]": memoryOf(prepuller).highest,
      },
    };
  } finally {
    prepuller.kill("SIGKILL");
    for (const child of [service, cluster]) child.disconnect();
    rmSync(directory, { recursive: true, force: true });
  }
}

function startPrepuller(directory: string, address: string, kubeconfig: string): ChildProcess {
  const file = join(directory, "prepuller.yaml");
  const config = {
    service: { url: `http://${address}` },
    kubeconfig,
    requestsPerSecond,
    refreshInterval: "1h",
    metrics: { address: "127.0.0.1:0" },
    log: { level: "error" },
  };
  writeFileSync(file, JSON.stringify(config));
  const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
  return spawn(process.execPath, [main, "prepull", "--config", file], {
    stdio: ["ignore", "inherit", "inherit"],
  });
}

/** Waits until so many pods were made and deleted. */
async function pulled(
  order: (what: ClusterOrder) => Promise<ClusterCounts>,
  count: number,
): Promise<ClusterCounts> {
  for (const end = performance.now() + 180_000; ; ) {
    const counts = await order({ kind: "count" });
    if (counts.deletes >= count) return counts;
    if (performance.now() > end) throw new Error(`not done within 3 min: ${JSON.stringify(counts)}`);
    await sleep(200);
  }
}

/** In MB; 0 where the system does not tell. */
function memoryOf({ pid }: ChildProcess): { resident: number; highest: number } {
  const field = (name: string, status: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1000);
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return { resident: field("VmRSS", status), highest: field("VmHWM", status) };
  } catch {
    return { resident: 0, highest: 0 };
  }
}
