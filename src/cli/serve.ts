/**
 * `image-source serve`: runs the service until it is told to end.
 */
import { fileURLToPath } from "node:url";
import { type RunningServer, startServer } from "../app/server.ts";
import { loadConfig } from "../config/load.ts";
import { createLogger } from "../observability/logger.ts";
import { readArguments, UsageError } from "./arguments.ts";
import { keepCompiledCode } from "./compiled-code.ts";
import { nextSignals } from "./signals.ts";

/** Ends well when the service was drained after SIGTERM or SIGINT. */
export async function serve(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { config: { type: "string" } });
  if (positionals.length > 0) throw new UsageError(`serve takes no argument ${positionals[0]}`);
  const file = values.config ?? (process.env.IMAGE_SOURCE_CONFIG || undefined);
  const config = loadConfig(file ?? fileURLToPath(new URL("../../examples/demo.yaml", import.meta.url)));
  const log = createLogger(config.log);
  const signals = nextSignals();
  const server = await startServer(config, log);
  if (file === undefined) console.error(whatToTry(server));
  keepCompiledCode();
  const signal = await signals.first;
  signals.second.then(() => process.exit(1));
  await server.stop(signal === "SIGTERM" ? config.shutdown.wait : 0);
  return 0;
}

function whatToTry({ address, httpAddress }: RunningServer): string {
  const service = "imagesource.v1.ImageSourceService";
  return `
No configuration was named (--config FILE), so this serves examples/demo.yaml: made-up images on made-up nodes. Try:

  npx buf curl --http2-prior-knowledge --protocol grpc http://${address}/${service}/MenuImages
  npx buf curl --http2-prior-knowledge --protocol grpc -d '{"tag_name": "recommended"}' http://${address}/${service}/ImageForTagName
  curl --json '{}' http://${httpAddress}/${service}/MenuImages
`;
}
