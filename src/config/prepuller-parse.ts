/**
 * Makes a prepuller's configuration from what a file says: pure, and with all that is wrong at once. Reading the file
 * is `load.ts`.
 */
import { resolve } from "node:path";
import { check } from "./check.ts";
import { refuseOther } from "./kind.ts";
import { logOf } from "./log-schema.ts";
import type { PrepullerConfig } from "./prepuller-config.ts";
import { schema } from "./prepuller-schema.ts";
import { accessOf } from "./service-access.ts";
import { readYaml } from "./yaml-text.ts";

export interface PrepullerParseOptions {
  /** What relative paths are relative to. */
  readonly directory: string;
  /** Whether the log goes to a terminal; it is text then, where nothing else is said. */
  readonly isTerminal: boolean;
}

/** Fails with `ConfigError`. */
export function parsePrepullerConfig(
  text: string,
  { directory, isTerminal }: PrepullerParseOptions,
): PrepullerConfig {
  const value = readYaml(text);
  refuseOther(value, "service");
  const { service, kubeconfig, namespace, pod, log, ...others } = check(schema, value);
  const atPath = (path: string | undefined) => (path === undefined ? undefined : resolve(directory, path));
  return {
    ...others,
    service: accessOf(service, atPath),
    kubeconfig: atPath(kubeconfig),
    namespace,
    pod: { ...pod, pullSecret: pod.pullSecret, priorityClassName: pod.priorityClassName },
    log: logOf(log, isTerminal),
  };
}
