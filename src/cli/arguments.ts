/**
 * Reads the arguments of a command. What a command does with them is its own concern.
 */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** A command that was used wrongly; it ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Options and other arguments; fails with `UsageError` where an option is unknown or lacks its value. */
export function readArguments<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
