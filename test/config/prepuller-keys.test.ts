/**
 * Every key of a prepuller's file by itself: what it may be, and what is said of what it may not be. Defaults are in
 * `prepuller-complete.test.ts`.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { shownAs } from "./key-rows.ts";
import { keyTables } from "./prepuller-key-table.ts";
import { parsePrepuller, prepullerProblems, withKey } from "./support.ts";

describe.each(keyTables)("of %s", (_, base, keys) => {
  describe.each(keys)("$key", ({ key, expected, good, bad, read: readAt }) => {
    it.each(good)("may be $written", ({ written, read }) => {
      expect(readAt(parsePrepuller(withKey(base, key, written)))).toEqual(read);
    });

    it.each([...bad, null])(`has to be ${expected}, not %j`, (written) => {
      expect(prepullerProblems(withKey(base, key, written))).toEqual([
        `${key} has to be ${expected}, but is ${shownAs(written)}`,
      ]);
    });
  });
});

it("every key of the complete example stands in a table", () => {
  const text = readFileSync(new URL("../data/prepuller-complete.yaml", import.meta.url), "utf8");
  const written = new Set(keyTables.flatMap(([, , keys]) => keys.map(({ key }) => key)));
  const free = [
    "nodeSelector",
    "pod.labels",
    "pod.annotations",
    "pod.resources.requests",
    "pod.resources.limits",
  ];
  const paths = pathsOf(parseYaml(text), free);
  expect(paths.length).toBeGreaterThan(30);
  expect(paths.filter((path) => !written.has(path))).toEqual([]);
});

/** Every path to a value that is no map, or a map whose keys are up to who writes it. */
function pathsOf(value: unknown, free: readonly string[], path = ""): string[] {
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return [path];
  if (Array.isArray(value)) return value.flatMap((one) => pathsOf(one, free, `${path}[0]`));
  if (typeof value !== "object" || value === null || free.includes(path)) return [path];
  return Object.entries(value).flatMap(([key, one]) =>
    pathsOf(one, free, path === "" ? key : `${path}.${key}`),
  );
}

describe("a map of keys is no other thing", () => {
  it.each(["service", "pod", "lease", "metrics", "log", "tolerations[0]"])("%s", (key) => {
    for (const value of ["x", 3, true, null, []]) {
      const [problem, ...others] = prepullerProblems(withKey({}, key, value));
      expect(problem?.startsWith(`${key} has to be a map of keys`)).toBe(true);
      expect(others).toEqual([]);
    }
  });
});
