/**
 * What is asked of the bench on its command line: `npm run bench -- [SECTION …] [--rounds N] [--seconds N]`.
 */
import { parseArgs } from "node:util";

export const sectionNames = [
  "grpc",
  "http",
  "marks",
  "refresh",
  "update",
  "stalls",
  "start",
  "memory",
  "prepull",
  "unary",
] as const;
export type SectionName = (typeof sectionNames)[number];

export interface Options {
  /** All but the experiment where none is named. */
  readonly sections: readonly SectionName[];
  /** How often each server has its turn. */
  readonly rounds: number;
  /** How long a turn is. */
  readonly seconds: number;
}

export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { rounds: { type: "string", default: "5" }, seconds: { type: "string", default: "0.4" } },
  });
  const unknown = positionals.filter((name) => !sectionNames.some((known) => known === name));
  if (unknown.length > 0)
    throw new Error(`no section ${unknown.join(", ")}; there are ${sectionNames.join(", ")}`);
  const sections = sectionNames.filter((name) =>
    positionals.length === 0 ? name !== "unary" : positionals.includes(name),
  );
  return { sections, rounds: Number(values.rounds), seconds: Number(values.seconds) };
}
