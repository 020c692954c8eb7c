/**
 * Short ways to configurations in tests, and to what is wrong with them.
 */
import { expect } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { ConfigError } from "../../src/config/config-error.ts";
import { type ParseOptions, parseConfig } from "../../src/config/parse.ts";
import type { PrepullerConfig } from "../../src/config/prepuller-config.ts";
import { type PrepullerParseOptions, parsePrepullerConfig } from "../../src/config/prepuller-parse.ts";

export const parseOptions: ParseOptions = { directory: "/etc/image-source", isTerminal: false, now: 1_000 };

/** What has to be there, and nothing else. */
export const smallest = {
  docker: { name: "lab", type: "docker", registry: "registry.example.org", repository: "sciplat/lab" },
  google: {
    ...{ name: "lab", type: "google", location: "us-central1" },
    ...{ projectId: "my-project", repository: "sciplat", image: "lab" },
  },
  static: {
    ...{ name: "lab", type: "static", registry: "registry.example.org", repository: "sciplat/lab" },
    images: [{ tag: "w_1" }],
  },
} as const;

export type Type = keyof typeof smallest;

/** A configuration of one source, as a value that can be written. */
export function of(type: Type, keys: object = {}): object {
  return { sources: [{ ...smallest[type], ...keys }] };
}

/** The smallest configuration of a static source as a block, to which others can be added. */
export const staticYaml = `sources: ${JSON.stringify([smallest.static])}\n`;

/** The value with one more, or another, value at a path like `sources[0].budget.pages`. */
export function withKey(value: object, path: string, replacement: unknown): object {
  const copy: object = structuredClone(value);
  const keys = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
  const last = keys.pop() ?? "";
  let at = copy as Record<string, object>;
  for (const [index, key] of keys.entries()) {
    at[key] ??= /^\d+$/.test(keys[index + 1] ?? last) ? [] : {};
    at = at[key] as Record<string, object>;
  }
  Object.assign(at, { [last]: replacement });
  return copy;
}

/** JSON is YAML too. */
export function parse(value: unknown, options: Partial<ParseOptions> = {}): Config {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return parseConfig(text, { ...parseOptions, ...options });
}

export function parsePrepuller(
  value: unknown,
  options: Partial<PrepullerParseOptions> = {},
): PrepullerConfig {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return parsePrepullerConfig(text, { ...parseOptions, ...options });
}

/** What is wrong, in the order of telling. Fails where nothing is, or where anything but a `ConfigError` is thrown. */
export function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    expect(error.message).toBe(error.problems.join("\n"));
    return error.problems;
  }
  throw new Error("it was accepted");
}

export function problems(value: unknown): readonly string[] {
  return problemsOf(() => parse(value));
}

export function prepullerProblems(value: unknown): readonly string[] {
  return problemsOf(() => parsePrepuller(value));
}

/** The path of every value, maps and lists too. */
export function placesOf(value: unknown, path = ""): string[] {
  const here = path === "" ? [] : [path];
  if (typeof value !== "object" || value === null) return here;
  const below = Object.entries(value).flatMap(([key, one]) =>
    placesOf(one, Array.isArray(value) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`),
  );
  return [...here, ...below];
}
