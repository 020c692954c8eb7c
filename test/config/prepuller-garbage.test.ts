/**
 * YAML that is no prepuller's configuration: always a `ConfigError` that says what is wrong and where. Text that is no
 * YAML is in `garbage.test.ts`: both kinds of file read it in the same way.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { ConfigError } from "../../src/config/config-error.ts";
import { parsePrepuller, placesOf, prepullerProblems, withKey } from "./support.ts";

it.each(["", "null", "hello", "3", "- service", "[]", "# later\n"])("%j", (text) => {
  expect(prepullerProblems(text)).toEqual([
    expect.stringMatching(/^the configuration has to be a map of keys/),
  ]);
});

it.each([
  ["a key given twice", "lease: {}\nlease: {}\n", /line 2, column 1/],
  ["a map of labels inside itself", "nodeSelector: &a { a: *a }\n", /^nodeSelector\.a has to be/],
  ["tolerations inside themselves", "tolerations: &a [*a]\n", /^tolerations\[0\] has to be/],
  [
    "resources inside themselves",
    "pod: { resources: { requests: &a { cpu: *a } } }\n",
    /requests\.cpu has to be/,
  ],
])("%s", (_, text, expected) => {
  expect(prepullerProblems(text)).toEqual([expect.stringMatching(expected)]);
});

describe("whatever is written", { timeout: 20_000 }, () => {
  it("any JSON value is accepted, or refused with sentences", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const problem of problemsIfAny(JSON.stringify(value)))
          expect(problem).toMatch(/ (?:has to|is|may) /);
      }),
      { numRuns: 500 },
    );
  });

  it("any JSON value in place of one of a good configuration: what is wrong is told of that place", () => {
    const complete = parseYaml(
      readFileSync(new URL("../data/prepuller-complete.yaml", import.meta.url), "utf8"),
    );
    const places = placesOf(complete).filter((path) => !path.includes(".org/") && !path.includes(".io/"));
    expect(places.length).toBeGreaterThan(30);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        // What does not go together is told of the map that it stands in.
        const map = path.replace(/\.\w+$/, "");
        for (const problem of problemsIfAny(withKey(complete, path, value)))
          expect(
            problem.startsWith(path) || problem.startsWith(`${map} `) || problem.startsWith("pod.resources "),
          ).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** Fails where anything but a `ConfigError` is thrown. */
function problemsIfAny(value: unknown): readonly string[] {
  try {
    expect(parsePrepuller(value).lease.name).not.toBe("");
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}
