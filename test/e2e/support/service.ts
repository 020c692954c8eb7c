/**
 * The service, started as a user starts it: `npm start` for Node, what `start:deno` runs for Deno.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { newDirectory, root } from "./paths.ts";
import type { Place } from "./place.ts";
import { listens } from "./ports.ts";
import { type Program, start } from "./process.ts";
import { until } from "./until.ts";

/** A script of package.json as the command that npm would run. Not by npm, which hands SIGTERM to its shell alone. */
export function denoScript(name: string): readonly [string, ...string[]] {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return [join(root, "node_modules/.bin/deno"), ...String(scripts[name]).split(" ").slice(1)];
}

/** The command of each runtime. What `serve` takes is appended. */
export const runtimes: Readonly<Record<"node" | "deno", readonly [string, ...string[]]>> = {
  node: ["npm", "start", "--"],
  deno: denoScript("start:deno"),
};

export type Runtime = keyof typeof runtimes;

export interface Service {
  readonly program: Program;
  readonly place: Place;
}

/** Starts it with a configuration, which may name a directory to be written, and waits until it listens. Whether it is ready is another question. */
export async function startService(
  runtime: Runtime,
  place: Place,
  config?: string,
  stateDirectory = "state",
): Promise<Service> {
  const { port } = place;
  const [command, ...flags] = runtimes[runtime];
  const args = flags.map((flag) => flag.replace("--allow-write=state", `--allow-write=${stateDirectory}`));
  const program = start(command, [...args, ...(config ? ["--config", file(config)] : [])], {
    cwd: root,
    env: environment(),
  });
  try {
    await until(`the service under ${runtime} on port ${port}`, () => {
      program.mustRun();
      return listens(port);
    });
  } catch (error) {
    await program.kill();
    throw new Error(`${error}\n${program.output().slice(-2000)}`, { cause: error });
  }
  return { program, place };
}

function file(config: string): string {
  const path = join(newDirectory("service"), "config.yaml");
  writeFileSync(path, config);
  return path;
}

/** The environment of a new terminal: without what npm and `run.sh` have put into that of the tests. */
export function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|NODE_|IMAGE_SOURCE_|FORCE_COLOR$)/.test(name),
  );
  const path = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((directory) => !directory.includes("node_modules"));
  return { ...Object.fromEntries(own), PATH: path.join(delimiter), DENO_NO_UPDATE_CHECK: "1" };
}
