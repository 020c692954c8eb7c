/**
 * The prepuller, started as a user starts it, with the rights that its documentation gives it.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newDirectory, root } from "../../e2e/support/paths.ts";
import { freePort } from "../../e2e/support/ports.ts";
import { type Program, start } from "../../e2e/support/process.ts";
import { denoScript } from "../../e2e/support/service.ts";
import { until } from "../../e2e/support/until.ts";

/** The command of each runtime. What `prepull` takes is appended. */
const runtimes = {
  node: ["node_modules/.bin/node", "src/main.ts", "prepull"],
  deno: denoScript("prepull:deno"),
} as const;

/** A line of its log. */
export interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Prepuller {
  readonly program: Program;
  /** Port of its health checks and metrics. */
  readonly port: number;
  log(): LogLine[];
  /** Waits for a line of its log. */
  says(message: string | RegExp, seconds?: number): Promise<LogLine>;
  /** Its metrics: the lines of one of them. */
  metric(name: string): Promise<string[]>;
}

export interface PrepullerOptions {
  readonly runtime?: keyof typeof runtimes;
  readonly once?: boolean;
  /** How long its end is waited for. */
  readonly seconds?: number;
}

/** Starts it with the keys of its configuration, and a port of its own. Does not wait for anything. */
export async function startPrepuller(
  config: object,
  { runtime = "node", once = false }: PrepullerOptions = {},
): Promise<Prepuller> {
  const port = await freePort();
  const file = join(newDirectory("prepuller"), "config.yaml");
  const ours = { metrics: { address: `127.0.0.1:${port}` }, log: { level: "debug", format: "json" } };
  writeFileSync(file, JSON.stringify({ ...ours, ...config }, undefined, 2)); // JSON is YAML too
  const [command, ...args] = runtimes[runtime];
  const program = start(command, [...args, "--config", file, ...(once ? ["--once"] : [])], {
    cwd: root,
    env: environment(),
  });
  const log = () => program.output().split("\n").flatMap(readLine);
  return {
    program,
    port,
    log,
    async says(message, seconds) {
      try {
        return await until(
          `the prepuller says ${message}`,
          () => {
            const line = log().find(({ msg }) =>
              typeof message === "string" ? msg === message : message.test(msg),
            );
            if (!line) program.mustRun();
            return line;
          },
          seconds,
        );
      } catch (error) {
        throw new Error(`${error}\n${program.output().slice(-3000)}`, { cause: error });
      }
    },
    async metric(name) {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return text.split("\n").filter((line) => line.startsWith(name));
    },
  };
}

/** Waits until it has ended by itself, and gives its exit code. */
export async function exitOf(program: Program, seconds = 60): Promise<number | NodeJS.Signals> {
  const hasEnded = () => {
    try {
      program.mustRun();
      return false;
    } catch {
      return true;
    }
  };
  try {
    await until("the prepuller's end", hasEnded, seconds);
  } catch (error) {
    throw new Error(`${error}\n${program.output().slice(-3000)}`, { cause: error });
  }
  return program.end();
}

/** A line of the log; nothing where it is something else that was printed. */
function readLine(line: string): LogLine[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "msg" in value ? [value as LogLine] : [];
  } catch {
    return [];
  }
}

/** Without what the tests have in theirs: no kubeconfig but the one that the configuration names. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|NODE_|IMAGE_SOURCE_|FORCE_COLOR$|KUBE)/.test(name),
  );
  return { ...Object.fromEntries(own), DENO_NO_UPDATE_CHECK: "1" };
}
