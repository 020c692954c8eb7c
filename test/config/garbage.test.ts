/**
 * Text that is no YAML, or YAML that is no configuration: always a `ConfigError` that says what is wrong, never another
 * error.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { ConfigError } from "../../src/config/config-error.ts";
import { of, parse, placesOf, problems, problemsOf, staticYaml, withKey } from "./support.ts";

describe("text that is no YAML", () => {
  it.each([
    ["a key given twice", `${staticYaml}grpc: {}\nlog: {}\ngrpc: {}\n`, /unique/i, 4, 1],
    [
      "a key given twice in a map inside",
      `${staticYaml}log:\n  level: info\n  level: debug\n`,
      /unique/i,
      4,
      3,
    ],
    ["a list without its end", "sources: [\n  a,\n", /\]/, 3, 1],
    ["a tab as indentation", `${staticYaml}grpc:\n\taddress: x\n`, /tab/i, 3, 1],
    ["a text without its end", 'log: { level: "info }\n', /quote/i, 2, 1],
    ["two documents", `${staticYaml}---\n${staticYaml}`, /multiple documents/, 2, 1],
  ])("%s, with line and column", (_, text, because, line, column) => {
    const [problem] = problems(text);
    expect(problem).toMatch(because);
    expect(problem).toContain(`line ${line}, column ${column}`);
  });

  it("an alias of nothing", () => {
    expect(problems("sources: *nothing\n")).toEqual([expect.stringMatching(/nothing/)]);
  });
});

describe("YAML that is no configuration", () => {
  it.each([
    ["nothing", ""],
    ["white space", " \n\n"],
    ["a comment", "# later\n"],
    ["an empty document", "---\n...\n"],
    ["null", "null"],
    ["a text", "hello"],
    ["a number", "3"],
    ["a list", "- name: lab\n  type: static\n"],
    ["an empty list", "[]"],
    ["the list of the sources", JSON.stringify(Object.values(of("static"))[0])],
  ])("%s", (_, text) => {
    expect(problems(text)).toEqual([expect.stringMatching(/^the configuration has to be a map of keys/)]);
  });

  it("an empty map", () => {
    expect(problems("{}")).toEqual(["sources is missing"]);
  });
});

describe("YAML that is meant to do harm", () => {
  const letters = [..."abcdefghi"];
  const bomb = letters.map((letter, index) => {
    const before = letters[index - 1];
    return `${letter}: &${letter} [${Array(9).fill(before === undefined ? "x" : `*${before}`)}]`;
  });
  it.each([
    ["a bomb of aliases", bomb.join("\n"), /alias/],
    ["a list inside itself", `${staticYaml}grpc: { address: &a [*a] }\n`, /grpc\.address/],
    ["a map inside itself", `${staticYaml}grpc: &g { address: *g }\n`, /grpc\.address/],
    ["a configuration inside itself", "&all { sources: *all }\n", /^sources has to be a list/],
    ["sources inside themselves", "sources: &all [*all]\n", /^sources\[0\]/],
    ["an unknown key inside itself", `${staticYaml}other: &o [*o]\n`, /^other is no key/],
    ["a key that is a map", `${staticYaml}? { a: b }\n: 1\n`, /a: b.* is no key/],
    ["a key that is a list inside itself", `${staticYaml}? &k [*k]\n: 1\n`, /is no key/],
    [
      "a time of YAML 1.1",
      `%YAML 1.1\n---\n${staticYaml}log: { level: 2001-01-01 }\n`,
      /^log\.level has to be/,
    ],
    ["bytes", `${staticYaml}log: { level: !!binary aW5mbw== }\n`, /^log\.level has to be/],
    [
      "no number",
      `${staticYaml}grpc: { maxConcurrentStreams: .nan }\n`,
      /^grpc\.maxConcurrentStreams has to be/,
    ],
    [
      "no end",
      `${staticYaml}grpc: { maxConcurrentStreams: .inf }\n`,
      /^grpc\.maxConcurrentStreams has to be/,
    ],
    [
      "a hundred lists",
      `${staticYaml}log: { level: ${"[".repeat(100)}${"]".repeat(100)} }`,
      /^log\.level has to/,
    ],
  ])("%s", (_, text, expected) => {
    expect(problems(text)).toEqual([expect.stringMatching(expected)]);
  });

  const megabyte = 2 ** 20;
  it.each([
    ["one letter", "a".repeat(megabyte)],
    ["NUL", "\0".repeat(megabyte)],
    ["lines", "a\n".repeat(megabyte / 2)],
    ["beginnings of lists", "[".repeat(megabyte)],
    ["beginnings of maps", "{".repeat(megabyte)],
    ["lists in lists", "- ".repeat(megabyte / 2)],
    ["unknown keys", Array.from({ length: 1024 }, (__, i) => `${"k".repeat(1016)}${i}: 1`).join("\n")],
    ["bad sources", `sources: [${`${"3".repeat(63)},`.repeat(megabyte / 64)}]`],
    [
      "all bytes",
      Buffer.from(Array.from({ length: megabyte }, (__, i) => (i * 167 + (i >> 8) * 13) % 256)).toString(
        "utf8",
      ),
    ],
  ])("a megabyte of %s", { timeout: 20_000 }, (_, text) => {
    expect(problems(text)).not.toEqual([]);
  });
});

const fragments = fc.constantFrom(
  ...[
    "sources:",
    "grpc:",
    "log:",
    "address:",
    "level:",
    "type: docker",
    "- ",
    "&a ",
    "*a",
    "[",
    "]",
    "{",
    "}",
    ": ",
    ", ",
    "\n",
    "  ",
  ],
  ...[
    "!!set ",
    "!!binary ",
    "!x ",
    "? ",
    "| ",
    "> ",
    "'",
    '"',
    "#",
    "<<: ",
    "__proto__: ",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "0",
    "~",
    "\t",
  ],
);

describe("whatever is written", { timeout: 20_000 }, () => {
  it.each([
    ["any text", fc.string({ unit: "binary", maxLength: 200 })],
    ["any JSON", fc.json()],
    ["pieces of YAML", fc.array(fragments, { maxLength: 30 }).map((pieces) => pieces.join(""))],
  ])("%s is accepted, or refused with ConfigError", (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => void isAcceptedOrRefused(text)),
      { numRuns: 1000 },
    );
  });

  it("any JSON value is no configuration, and what is wrong is a sentence about a path", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const problem of problems(JSON.stringify(value))) expect(problem).toMatch(/ (?:has to|is|may) /);
      }),
      { numRuns: 500 },
    );
  });

  it("any JSON value in place of one of a good configuration: what is wrong is told of that place", () => {
    const complete = parseYaml(
      readFileSync(new URL("../data/config-complete.yaml", import.meta.url), "utf8"),
    );
    const places = placesOf(complete).filter((path) => !/\bimages\b/.test(path)); // images and nodes are told of each other
    expect(places.length).toBeGreaterThan(40);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        const text = JSON.stringify(withKey(complete, path, value));
        if (isAcceptedOrRefused(text)) return;
        for (const problem of problems(text)) expect(problem.startsWith(path)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** Whether it is accepted. Fails where anything but a `ConfigError` is thrown. */
function isAcceptedOrRefused(text: string): boolean {
  try {
    expect(parse(text).sources.length).toBeGreaterThan(0);
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(problemsOf(() => parse(text))).toEqual(error.problems);
    return false;
  }
}
