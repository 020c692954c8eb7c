/**
 * `image-source prepull [--once]`: puts the wanted images on the nodes of a cluster, until it is told to end or, once,
 * until every image was tried.
 */
import { type OnceResult, openPrepuller } from "../app/prepuller.ts";
import { loadPrepullerConfig } from "../config/load.ts";
import type { PrepullerConfig } from "../config/prepuller-config.ts";
import { createLogger } from "../observability/logger.ts";
import { readArguments, UsageError } from "./arguments.ts";
import { showProgress } from "./progress.ts";
import { nextSignals } from "./signals.ts";

/** Once: 0 where every wanted image is on every eligible node. Otherwise it ends well when it is told to. */
export async function prepull(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, {
    config: { type: "string" },
    once: { type: "boolean" },
  });
  if (positionals.length > 0) throw new UsageError(`prepull takes no argument ${positionals[0]}`);
  const file = values.config ?? process.env.IMAGE_SOURCE_PREPULL_CONFIG;
  if (!file)
    throw new UsageError("prepull needs a configuration: --config FILE, or IMAGE_SOURCE_PREPULL_CONFIG");
  const config = loadPrepullerConfig(file);
  const signals = nextSignals();
  signals.second.then(() => process.exit(1));
  const ending = new AbortController();
  signals.first.then((signal) => ending.abort(new Interrupted(`ended by ${signal}`)));
  return await (values.once ? once(config, ending.signal) : forever(config, ending.signal));
}

/** We were told to end. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}

async function forever(config: PrepullerConfig, signal: AbortSignal): Promise<number> {
  const prepuller = await openPrepuller(config, createLogger(config.log));
  try {
    await prepuller.run(signal);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    await prepuller.close();
  }
  return 0;
}

async function once(config: PrepullerConfig, signal: AbortSignal): Promise<number> {
  const isTerminal = process.stdout.isTTY && config.log.level !== "debug";
  // What failed is listed at the end; lines of a log would be written over.
  const log = createLogger(isTerminal ? { ...config.log, level: "error" } : config.log);
  const prepuller = await openPrepuller(config, log);
  const stopShowing = isTerminal ? showProgress(() => prepuller.progress(), process.stdout) : () => {};
  try {
    const result = await prepuller.runOnce(signal);
    stopShowing();
    return tell(result);
  } finally {
    stopShowing();
    await prepuller.close();
  }
}

/** Says how the round ended, and with what exit code. */
function tell({ report, failures, unheard }: OnceResult): number {
  const { eligible, ineligible, wanted, missing } = report;
  for (const { source, error } of failures) {
    const what = source === "" ? "the service could not be asked" : `source ${source} could not be asked`;
    console.log(`${what}: ${error instanceof Error ? error.message : error}`);
  }
  for (const { node, reason } of ineligible) console.log(`not eligible: ${node}: ${reason}`);
  for (const { node, image, reason } of missing)
    console.log(`missing: ${node || "every node"}: ${image}: ${reason}`);
  const present = wanted - missing.filter(({ node }) => node !== "").length;
  console.log(`${present} of ${wanted} images are there, on ${eligible} eligible nodes`);
  if (unheard > 0) console.log(`the service has not heard of ${unheard} of them: it does not answer`);
  if (eligible === 0) console.log("no node is eligible");
  return missing.length === 0 && failures.length === 0 && eligible > 0 ? 0 : 1;
}
