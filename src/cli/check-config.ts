/**
 * `image-source check-config FILE`: says whether a configuration of either kind can be used, without starting anything.
 */
import { checkPrepullerFiles } from "../app/prepuller-files.ts";
import { checkFiles } from "../app/service-files.ts";
import type { Config } from "../config/config.ts";
import { loadAnyConfig } from "../config/load.ts";
import type { PrepullerConfig } from "../config/prepuller-config.ts";
import { createLogger } from "../observability/logger.ts";
import { readArguments, UsageError } from "./arguments.ts";

export async function checkConfig(args: readonly string[]): Promise<number> {
  const { positionals } = readArguments(args, {});
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError("check-config takes one FILE");
  const loaded = loadAnyConfig(file);
  const log = createLogger({ level: "warn", format: "text" });
  if (loaded.kind === "service") await checkFiles(loaded.config, log);
  else await checkPrepullerFiles(loaded.config, log);
  const told = loaded.kind === "service" ? serviceText(loaded.config) : prepullerText(loaded.config);
  console.log(`${file} is fine. ${told}`);
  return 0;
}

function serviceText({ sources }: Config): string {
  return `A service's, for serve. Sources: ${sources.map(({ name, type }) => `${name} (${type})`).join(", ")}`;
}

function prepullerText({ service, sources }: PrepullerConfig): string {
  return `A prepuller's, for prepull. Service: ${service.url}, sources: ${sources.join(", ") || "the first one"}`;
}
