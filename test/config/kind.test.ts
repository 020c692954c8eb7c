/**
 * Which kind of file a configuration is, and what is said of one that was given to the wrong command.
 */
import { describe, expect, it } from "vitest";
import { kindOf, ownKeys } from "../../src/config/kind.ts";
import { schema as prepullerSchema } from "../../src/config/prepuller-schema.ts";
import { schema as serviceSchema } from "../../src/config/schema.ts";
import { of, prepullerProblems, problems, smallest } from "./support.ts";

const sources = [smallest.static];

describe("the kind", () => {
  it.each([
    ["a service's: it describes its sources", { sources }, "service"],
    ["a service's: a key of its own", { log: {}, grpc: {} }, "service"],
    ["a service's, with a key of a prepuller in it", { ...of("static"), grpc: {}, metrics: {} }, "service"],
    ["a service's: sources, however they are written", { sources: [], log: {} }, "service"],
    ["a prepuller's: it names its sources", { sources: ["lab"] }, "prepuller"],
    ["a prepuller's: a key of its own", { log: {}, lease: {} }, "prepuller"],
    ["a prepuller's, with a key of a service in it", { service: {}, pod: {}, shutdown: {} }, "prepuller"],
    ["a prepuller's: a service without sources is none", {}, "prepuller"],
    ["a prepuller's: the same with a log", { log: {} }, "prepuller"],
    ["a prepuller's: a name of every object is no key", { constructor: 1 }, "prepuller"],
    ["a prepuller's: a list is no map", [{ sources }], "prepuller"],
    ["a prepuller's: nothing", null, "prepuller"],
  ])("%s", (_, value, kind) => {
    expect(kindOf(value)).toBe(kind);
  });
});

describe("a file of the wrong kind is refused with one sentence", () => {
  it.each([
    ["all keys", { service: {}, sources: ["lab"], pod: {}, nodeSelectors: 1 }],
    ["one key", { namespace: "x" }],
    ["sources alone", { sources: ["lab"] }],
  ])("by serve: %s", (_, value) => {
    expect(problems(value)).toEqual(["this is a prepuller's file: start it with prepull"]);
  });

  it.each([
    ["all keys", { ...of("docker"), grpc: {}, shutdown: {}, surplus: 1 }],
    ["one key", { shutdown: { grace: "soon" } }],
    ["sources alone", { sources }],
  ])("by prepull: %s", (_, value) => {
    expect(prepullerProblems(value)).toEqual(["this is a service's file: start it with serve"]);
  });
});

it("a file of both kinds is told key by key", () => {
  expect(problems({ sources: ["lab"], grpc: {}, lease: {} })).toEqual([
    expect.stringMatching(/^sources\[0\] has to be a map of keys/),
    "lease belongs into a prepuller's file; start it with prepull",
  ]);
  expect(prepullerProblems({ sources, lease: {} })).toEqual([
    expect.stringMatching(/^sources\[0\] has to be a DNS label.*, but is a map of keys$/),
  ]);
});

it("the keys that only one kind has are those of the schemas", () => {
  const [ofService, ofPrepuller] = [serviceSchema, prepullerSchema].map((schema) => {
    const { entries } = schema.pipe[1];
    return Object.keys(entries).toSorted();
  });
  const all = [...ownKeys.service, ...ownKeys.prepuller, "log", "sources"].toSorted();
  expect(ofService).toEqual(all); // each schema has the other's keys too, to refuse them
  expect(ofPrepuller).toEqual(all);
});
