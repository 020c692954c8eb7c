/**
 * Makes a configuration from what a file says: pure, and with all that is wrong at once. Reading the file is
 * `load.ts`.
 */
import { resolve } from "node:path";
import * as v from "valibot";
import { LineCounter, parseDocument } from "yaml";
import { impossibleCombinations } from "./combinations.ts";
import { type Config, ConfigError } from "./config.ts";
import { schema, source, type Written, type WrittenSource } from "./schema.ts";
import { sourceOf } from "./source.ts";
import { unknownKeys } from "./unknown-keys.ts";

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
  const { grpc, shutdown, log, sources } = check(readYaml(text));
  const atPath = (path: string) => resolve(directory, path);
  return {
    grpc: { address: grpc.address, maxConcurrentStreams: grpc.maxConcurrentStreams },
    shutdown: { wait: shutdown.wait, grace: shutdown.grace },
    log: { level: log.level, format: log.format ?? (isTerminal ? "text" : "json") },
    sources: sources.map((source) => sourceOf(source, atPath, now)),
  };
}

function readYaml(text: string): unknown {
  const lines = new LineCounter();
  // Without the library's excerpts: they take long on a large file that is no YAML, and may repeat a secret.
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines, logLevel: "error" });
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map(({ message, pos }) => `${placeOf(lines.linePos(pos[0]))}: ${message}`),
    );
  }
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigError([error instanceof Error ? error.message : String(error)], { cause: error }); // too many aliases
  }
}

function placeOf({ line, col }: { readonly line: number; readonly col: number }): string {
  return `line ${line}, column ${col}`;
}

function check(value: unknown): Written {
  const result = v.safeParse(schema, value);
  const problems = [
    ...(result.issues ?? []).map(describe),
    ...unknownKeys(schema, value).map((path) => `${path} is no key that is known here`),
    ...impossibleCombinations(soundSources(value)),
  ];
  if (problems.length > 0 || !result.success) throw new ConfigError(problems);
  return result.output;
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

type Issue = v.InferIssue<typeof schema>;

function describe(issue: Issue): string {
  return `${pathOf(issue)} ${messageOf(issue)}`;
}

/** `sources[0].filter.release`. */
function pathOf({ path }: Issue): string {
  const keys = (path ?? []).map(({ key }) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`));
  return keys.join("").replace(/^\./, "") || "the configuration";
}

/** Our own messages stay; those of the library are said as ours. */
function messageOf({ expected, received, message }: Issue): string {
  if (!message.startsWith("Invalid")) return message;
  if (received === "undefined") return "is missing";
  return `has to be ${nameOf(String(expected))}, but is ${kindOf(received)}`;
}

const kinds: Readonly<Record<string, string>> = { Object: "a map of keys", Array: "a list" };

/** What was expected, as the library writes it: `("docker" | "static")`. */
function nameOf(expected: string): string {
  return kinds[expected] ?? expected.replace(/[()"]/g, "").replaceAll(" | ", " or ");
}

/** What stands there, as the library writes it: a value, or the kind of one. */
function kindOf(received: string): string {
  const kind = kinds[received] ?? received;
  return kind.length > 80 ? `${kind.slice(0, 80)}…` : kind;
}
