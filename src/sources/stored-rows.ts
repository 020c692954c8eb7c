/**
 * The lines that a source's state is stored in: JSON each, of the kinds below. The first says whose state it is, the
 * last how many there are, so that half a file is known as such. Read, everything is checked field by field.
 */
import * as v from "valibot";
import { isDigest } from "../domain/digest.ts";
import { isDnsSubdomain } from "../domain/dns-name.ts";
import { isTagName } from "../domain/tag.ts";

/** A state of another format is left. */
const format = 1;

// The years 1 to 9999, which is what a time of the contract may hold.
const time = v.pipe(v.number(), v.minValue(-62_135_596_800_000), v.maxValue(253_402_300_799_999));
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Half of what a number can count: there has to be room for what is counted on. */
const version = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(2 ** 52));
const tagName = v.pipe(v.string(), v.check(isTagName));
const digest = v.pipe(v.string(), v.check(isDigest));
const nodeName = v.pipe(v.string(), v.check(isDnsSubdomain));

const head = v.object({
  is: v.literal("state"),
  format: v.literal(format),
  type: v.string(),
  registry: v.string(),
  repository: v.string(),
  version,
  /** When the registry was listed; absent where it never was. */
  listTime: v.optional(time),
  /** When the nodes were read; absent where nobody has told of any. */
  readTime: v.optional(time),
});

const row = v.variant("is", [
  /** As the registry lists it. */
  v.object({
    is: v.literal("tag"),
    name: tagName,
    digest: v.optional(digest),
    size: v.optional(size),
    uploadTime: v.optional(time),
    platforms: v.optional(v.array(digest)),
  }),
  /** Of a tag that the listing tells no digest of. */
  v.object({ is: v.literal("digest"), tag: tagName, digest }),
  v.object({
    is: v.literal("node"),
    name: nodeName,
    ineligibleReason: v.string(),
    architecture: v.string(),
    createTime: v.optional(time),
    images: v.array(v.object({ names: v.array(v.string()), size })),
    partial: v.boolean(),
  }),
  v.object({
    is: v.literal("mark"),
    key: v.pipe(
      v.string(),
      v.check((key) => isDigest(key) || isTagName(key)),
    ),
    node: nodeName,
    time,
    size,
  }),
  v.object({ is: v.literal("end"), rows: size }),
]);

export type Head = v.InferOutput<typeof head>;
export type Row = v.InferOutput<typeof row>;

export function writeHead(fields: Omit<Head, "is" | "format">): string {
  return JSON.stringify({ is: "state", format, ...fields } satisfies Head);
}

export function writeRow(fields: Row): string {
  return JSON.stringify(fields);
}

/** Fails with what is wrong. */
export function readHead(line: string): Head {
  const value = parse(line);
  if (Object(value).is !== "state") throw new Error("is not the beginning of a state");
  const written: unknown = Object(value).format;
  if (written !== format) {
    throw new Error(`has the format ${show(written)}, and only ${format} is known here`);
  }
  return checked(head, value);
}

/** Fails with what is wrong. */
export function readRow(line: string): Row {
  return checked(row, parse(line));
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error("is no JSON"); // what the library says repeats the line
  }
}

function checked<T>(schema: v.GenericSchema<unknown, T>, value: unknown): T {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  throw new Error(`is wrong at ${v.getDotPath(result.issues[0]) ?? "its root"}`);
}

/** A value as it can stand in a sentence. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
