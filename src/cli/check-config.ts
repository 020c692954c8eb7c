/**
 * `image-source check-config FILE`: says whether a configuration can be used, without starting anything.
 */
import { checkFiles } from "../app/server.ts";
import { loadConfig } from "../config/load.ts";
import { createLogger } from "../observability/logger.ts";
import { readArguments, UsageError } from "./arguments.ts";

export async function checkConfig(args: readonly string[]): Promise<number> {
  const { positionals } = readArguments(args, {});
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError("check-config takes one FILE");
  const config = loadConfig(file);
  await checkFiles(config, createLogger({ level: "warn", format: "text" }));
  const sources = config.sources.map(({ name, type }) => `${name} (${type})`).join(", ");
  console.log(`${file} is fine. Sources: ${sources}`);
  return 0;
}
