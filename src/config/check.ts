/**
 * Holds a value against a schema, and says in sentences all that is wrong with it at once.
 */
import * as v from "valibot";
import { ConfigError } from "./config-error.ts";
import { unknownKeys } from "./unknown-keys.ts";

/** `alsoWrong` are further sentences, of what a schema cannot say. Fails with `ConfigError`. */
export function check<T>(
  schema: v.GenericSchema<unknown, T>,
  value: unknown,
  alsoWrong: readonly string[] = [],
): T {
  const result = v.safeParse(schema, value);
  const problems = [
    ...(result.issues ?? []).map(describe),
    ...unknownKeys(schema, value).map((path) => `${path} is no key that is known here`),
    ...alsoWrong,
  ];
  if (problems.length > 0 || !result.success) throw new ConfigError(problems);
  return result.output;
}

type Issue = v.BaseIssue<unknown>;

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
