/**
 * Reading the arguments of a command.
 */
import { describe, expect, it } from "vitest";
import { readArguments, UsageError } from "../../src/cli/arguments.ts";

const options = { config: { type: "string" }, once: { type: "boolean" } } as const;

describe("readArguments", () => {
  it.each([
    ["nothing", [], {}, []],
    ["an option and its value", ["--config", "a.yaml"], { config: "a.yaml" }, []],
    ["the same in one", ["--config=a.yaml"], { config: "a.yaml" }, []],
    ["an option without a value", ["--once"], { once: true }, []],
    ["others, in their order", ["a", "--once", "b"], { once: true }, ["a", "b"]],
    ["what follows -- as it is", ["--", "--config"], {}, ["--config"]],
    ["an empty value", ["--config="], { config: "" }, []],
  ])("reads %s", (_, args, values, positionals) => {
    const read = readArguments(args, options);
    expect({ ...read.values }).toEqual(values);
    expect(read.positionals).toEqual(positionals);
  });

  it.each([
    ["an unknown option", ["--port", "1"], "--port"],
    ["an unknown letter", ["-p"], "-p"],
    ["an option that lacks its value", ["--config"], "--config"],
    ["an option whose value looks like an option", ["--config", "--once"], "--config"],
    ["a value where none is taken", ["--once=yes"], "--once"],
    ["a name of every object", ["--constructor"], "--constructor"],
    ["__proto__", ["--__proto__=x"], "--__proto__"],
  ])("refuses %s, naming it", (_, args, named) => {
    expect(() => readArguments(args, options)).toThrow(UsageError);
    expect(() => readArguments(args, options)).toThrow(named);
  });

  it("leaves the arguments as they were", () => {
    const args = Object.freeze(["a", "--once"]);
    readArguments(args, options);
    expect(args).toEqual(["a", "--once"]);
  });
});
