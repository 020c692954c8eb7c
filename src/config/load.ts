/**
 * Reads a configuration, of either kind, from its file.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Config } from "./config.ts";
import { ConfigError } from "./config-error.ts";
import { type Kind, kindOf } from "./kind.ts";
import { type ParseOptions, parseConfig } from "./parse.ts";
import type { PrepullerConfig } from "./prepuller-config.ts";
import { parsePrepullerConfig } from "./prepuller-parse.ts";
import { readYaml } from "./yaml-text.ts";

/** A service's. Fails with `ConfigError`, also where the file cannot be read. */
export function loadConfig(path: string): Config {
  return parseConfig(readFile(path), optionsFor(path));
}

/** A prepuller's. Fails with `ConfigError`, also where the file cannot be read. */
export function loadPrepullerConfig(path: string): PrepullerConfig {
  return parsePrepullerConfig(readFile(path), optionsFor(path));
}

export type AnyConfig =
  | { readonly kind: Extract<Kind, "service">; readonly config: Config }
  | { readonly kind: Extract<Kind, "prepuller">; readonly config: PrepullerConfig };

/** Whichever it is. Fails with `ConfigError`, also where the file cannot be read. */
export function loadAnyConfig(path: string): AnyConfig {
  const text = readFile(path);
  const kind = kindOf(readYaml(text));
  return kind === "service"
    ? { kind, config: parseConfig(text, optionsFor(path)) }
    : { kind, config: parsePrepullerConfig(text, optionsFor(path)) };
}

function optionsFor(path: string): ParseOptions {
  return {
    directory: dirname(resolve(path)),
    isTerminal: process.stderr.isTTY === true,
    now: Date.now(),
  };
}

/** More than a node cache of 20,000 nodes takes; what is larger is the wrong file. */
const maxBytes = 32 * 1024 * 1024;

function readFile(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > maxBytes) throw new Error(`it has ${size} bytes, at most ${maxBytes} are read`);
    return readFileSync(path, "utf8");
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`${path} cannot be read: ${because}`], { cause: error });
  }
}
