/**
 * Reads the configuration from its file.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Config, ConfigError } from "./config.ts";
import { parseConfig } from "./parse.ts";

/** Fails with `ConfigError`, also where the file cannot be read. */
export function loadConfig(path: string): Config {
  const text = readFile(path);
  const directory = dirname(resolve(path));
  return parseConfig(text, { directory, isTerminal: process.stderr.isTTY === true, now: Date.now() });
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
