/**
 * The value that YAML text stands for. What has to be in it is nobody's concern here.
 */
import { LineCounter, parseDocument } from "yaml";
import { ConfigError } from "./config-error.ts";

/** Fails with `ConfigError`, with line and column. */
export function readYaml(text: string): unknown {
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
