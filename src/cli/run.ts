/**
 * Finds the command that was named, runs it, and turns what it throws into an exit code.
 *
 * Each command is loaded when it is named: the service starts without the client of Kubernetes.
 */
import { readFileSync } from "node:fs";
import { ConfigError } from "../config/config-error.ts";
import { UsageError } from "./arguments.ts";

const usage = `Usage: image-source COMMAND

Commands:
  serve [--config FILE]   Answer over gRPC for the images of a registry. Without FILE, and without
                          IMAGE_SOURCE_CONFIG, serves examples/demo.yaml, which needs nothing else.
  prepull [--once] [--config FILE]
                          Put the images that the service names on the nodes of a Kubernetes cluster, and keep
                          them there; with --once try each of them once and end. Without FILE, takes
                          IMAGE_SOURCE_PREPULL_CONFIG.
  check-config FILE       Say whether a configuration, of serve or of prepull, can be used, and what is
                          wrong with it.

Options:
  --help                  Show this text.
  --version               Show the version.

Exit codes: 0 well, 1 failed, 2 used wrongly or a configuration that cannot be used.`;

/** Answers with the exit code: 0 well, 1 failed, 2 used wrongly. */
export async function run(args: readonly string[]): Promise<number> {
  const [command = "", ...rest] = args;
  try {
    if (args.includes("--help") || command === "help") return print(usage);
    switch (command) {
      case "--version":
        return print(version());
      case "serve":
        return await (await import("./serve.ts")).serve(rest);
      case "prepull":
        return await (await import("./prepull.ts")).prepull(rest);
      case "check-config":
        return await (await import("./check-config.ts")).checkConfig(rest);
      case "":
        throw new UsageError("no command was named");
      default:
        throw new UsageError(`there is no command ${command}`);
    }
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
  if (error instanceof ConfigError) {
    console.error(
      `The configuration cannot be used:\n${error.problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
    return 2;
  }
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${usage}`);
    return 2;
  }
  console.error(error instanceof Error ? error.message : error);
  return 1;
}

function print(text: string): number {
  console.log(text);
  return 0;
}

function version(): string {
  const { version: text } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return String(text);
}
