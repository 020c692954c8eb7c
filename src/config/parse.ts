/**
 * Makes a service's configuration from what a file says: pure, and with all that is wrong at once. Reading the file is
 * `load.ts`; the prepuller's is `prepuller-parse.ts`.
 */
import { resolve } from "node:path";
import * as v from "valibot";
import { check } from "./check.ts";
import { impossibleCombinations } from "./combinations.ts";
import type { Config } from "./config.ts";
import { refuseOther } from "./kind.ts";
import { logOf } from "./log-schema.ts";
import { schema, source, type WrittenSource } from "./schema.ts";
import { serverTlsOf } from "./server-tls.ts";
import { sourceOf } from "./source.ts";
import { readYaml } from "./yaml-text.ts";

export interface ParseOptions {
  /** What relative paths are relative to. */
  readonly directory: string;
  /** Whether the log goes to a terminal; it is text then, where nothing else is said. */
  readonly isTerminal: boolean;
  /** Milliseconds since the epoch: when the nodes of a static source count as read. */
  readonly now: number;
}

/** Fails with `ConfigError`. */
export function parseConfig(text: string, { directory, isTerminal, now }: ParseOptions): Config {
  const value = readYaml(text);
  refuseOther(value, "prepuller");
  const written = check(schema, value, impossibleCombinations(soundSources(value)));
  const { grpc, http, shutdown, stateDirectory, log, sources } = written;
  const atPath = (path: string) => resolve(directory, path);
  return {
    grpc: {
      address: grpc.address,
      tls: grpc.tls && serverTlsOf(grpc.tls, atPath),
      tokensFile: grpc.tokensFile === undefined ? undefined : atPath(grpc.tokensFile),
      maxConcurrentStreams: grpc.maxConcurrentStreams,
    },
    http: {
      address: http.address,
      tls: http.tls && serverTlsOf(http.tls, atPath),
      allowedOrigins: http.cors.allowedOrigins,
    },
    shutdown: { wait: shutdown.wait, grace: shutdown.grace },
    stateDirectory: stateDirectory === undefined ? undefined : atPath(stateDirectory),
    log: logOf(log, isTerminal),
    sources: sources.map((source) => sourceOf(source, atPath, now)),
  };
}

/** The sources that are right by themselves, at their places. */
function soundSources(value: unknown): (WrittenSource | undefined)[] {
  const { sources } = Object(value);
  if (!Array.isArray(sources)) return [];
  return sources.map((one) => {
    const result = v.safeParse(source, one);
    return result.success ? result.output : undefined;
  });
}
