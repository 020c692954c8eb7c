/**
 * Every key by itself: what it may be, and what is said of what it may not be; and what has to be there. Defaults are
 * in `complete.test.ts`.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { shownAs } from "./key-rows.ts";
import { keyTables } from "./key-table.ts";
import { of, parse, problems, smallest, staticYaml, type Type, withKey } from "./support.ts";

describe.each(keyTables)("of %s", (_, base, keys) => {
  describe.each(keys)("$key", ({ key, expected, good, bad, read: readAt }) => {
    it.each(good)("may be $written", ({ written, read }) => {
      expect(readAt(parse(withKey(base, key, written)))).toEqual(read);
    });

    it.each([...bad, null])(`has to be ${expected}, not %j`, (written) => {
      const shown = shownAs(written);
      expect(problems(withKey(base, key, written))).toEqual([
        `${key} has to be ${expected}, but is ${shown}`,
      ]);
    });
  });
});

it("every key of the complete example stands in a table", () => {
  const text = readFileSync(new URL("../data/config-complete.yaml", import.meta.url), "utf8");
  const written = new Set(keyTables.flatMap(([, , keys]) => keys.map(({ key }) => key)));
  const paths = pathsOf(parseYaml(text)).filter((path) => !/\.(type|certificateFile|keyFile)$/.test(path));
  expect(paths.length).toBeGreaterThan(40);
  expect(paths.filter((path) => !written.has(path))).toEqual([]);
});

/** Every path to a value that is no map, lists of values as one, all sources and their parts as the first. */
function pathsOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return [path];
  if (Array.isArray(value)) return value.flatMap((one) => pathsOf(one, `${path}[0]`));
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, one]) => pathsOf(one, path === "" ? key : `${path}.${key}`));
}

describe("what has to be there", () => {
  const required: readonly (readonly [string, Type | undefined, object])[] = [
    ["sources", undefined, {}],
    ...(["docker", "static"] as const).flatMap((type) =>
      ["name", "registry", "repository"].map(
        (key) => [`sources[0].${key}`, type, without(smallest[type], key)] as const,
      ),
    ),
    ...["location", "projectId", "repository", "image"].map(
      (key) => [`sources[0].${key}`, "google", without(smallest.google, key)] as const,
    ),
    ["sources[0].images", "static", without(smallest.static, "images")],
    ["sources[0].images[0].tag", "static", { ...smallest.static, images: [{ size: 1 }] }],
    ["sources[0].nodes[0].name", "static", { ...smallest.static, nodes: [{}] }],
    [
      "sources[0].clientCertificate.keyFile",
      "docker",
      { ...smallest.docker, clientCertificate: { certificateFile: "c" } },
    ],
    [
      "sources[0].clientCertificate.certificateFile",
      "docker",
      { ...smallest.docker, clientCertificate: { keyFile: "k" } },
    ],
  ];

  it.each(required)("%s (%s)", (path, type, value) => {
    expect(problems(type === undefined ? value : { sources: [value] })).toEqual([`${path} is missing`]);
  });

  it("at least one source", () => {
    expect(problems({ sources: [] })).toEqual(["sources has to name at least one source"]);
  });

  it.each([
    ["no type", {}],
    ["another type", { type: "podman" }],
    ["a type that is a name of every object", { type: "constructor" }],
    ["a type that is no text", { type: 3 }],
  ])("a type that is known: not %s", (_, type) => {
    const [problem, ...others] = problems({ sources: [{ ...without(smallest.docker, "type"), ...type }] });
    expect(problem).toMatch(/^sources\[0\]\.type .*docker or google or static|is missing/);
    expect(others).toEqual([]);
  });
});

function without(value: object, key: string): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

describe("a map of keys is no other thing", () => {
  it.each(["grpc", "http", "shutdown", "log"])("%s", (key) => {
    for (const value of ["x", 3, true, null, []])
      expect(problems({ ...of("static"), [key]: value })).toEqual([
        expect.stringMatching(`^${key} has to be a map of keys`),
      ]);
  });

  it.each(["budget", "filter", "filter.release", "clientCertificate"])("sources[0].%s", (key) => {
    const path = `sources[0].${key}`;
    for (const value of ["x", 3, true, null, []])
      expect(problems(withKey(of("docker"), path, value))).toEqual([
        expect.stringMatching(new RegExp(`^${path.replaceAll(/[[\].]/g, "\\$&")} has to be a map of keys`)),
      ]);
  });

  it.each(["!!set {level}", "!!omap [level: debug]"])("log: %s", (written) => {
    expect(problems(`${staticYaml}log: ${written}\n`)).toEqual([
      expect.stringMatching(/^log has to be a map of keys/),
    ]);
  });

  it.each([["x"], [3], [null], [[]]])("sources[0]: %j", (value) => {
    expect(problems({ sources: [value], grpc: {} })).toEqual([
      expect.stringMatching(/^sources\[0\] has to be a map of keys/),
    ]);
  });
});

describe("as many as the contract allows, and no more", () => {
  const many = (length: number) => Array.from({ length }, (_, index) => `w_${index}`);

  it.each(["aliasTags", "pin"])("100 %s", (key) => {
    expect(parse(of("static", { [key]: many(100) })).sources).toHaveLength(1);
    expect(problems(of("static", { [key]: many(101) }))).toEqual([
      `sources[0].${key} may have at most 100 tags`,
    ]);
  });

  it("20000 nodes", { timeout: 20_000 }, () => {
    const nodes = (length: number) => many(length).map((_, index) => ({ name: `n${index}` }));
    expect(parse(of("static", { nodes: nodes(20_000) })).sources).toHaveLength(1);
    expect(problems(of("static", { nodes: nodes(20_001) }))).toEqual([
      expect.stringMatching(/^sources\[0\]\.nodes .*20000/),
    ]);
  });
});
