/**
 * The registry that comes with crane: empty at first, in memory, and cutting long lists of tags without a `Link`.
 */
import { newDirectory, tools } from "./paths.ts";
import { freePort, listens } from "./ports.ts";
import { start } from "./process.ts";
import { until } from "./until.ts";

export interface CraneRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  stop(): Promise<void>;
}

export async function startCraneRegistry(): Promise<CraneRegistry> {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const blobs = newDirectory("crane-registry");
  const program = start(tools.crane, ["registry", "serve", "--address", host, "--disk", blobs]);
  try {
    await until(`crane's registry on port ${port}`, () => {
      program.mustRun();
      return listens(port);
    });
  } catch (error) {
    await program.kill();
    throw error;
  }
  return { host, stop: () => program.kill() };
}
