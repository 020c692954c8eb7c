/**
 * The `log` of both kinds of file: its keys, and what is made of them.
 */
import * as v from "valibot";
import * as value from "./values.ts";

export interface LogConfig {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly format: "json" | "text";
}

export const log = v.optional(
  value.keys({
    level: v.optional(value.oneOf("debug", "info", "warn", "error"), "info"),
    format: v.optional(value.oneOf("json", "text")),
  }),
  {},
);

/** On a terminal it is text, where nothing else is said. */
export function logOf({ level, format }: v.InferOutput<typeof log>, isTerminal: boolean): LogConfig {
  return { level, format: format ?? (isTerminal ? "text" : "json") };
}
