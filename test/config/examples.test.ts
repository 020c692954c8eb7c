/**
 * The examples for operators: each is accepted as it stands, and the one of a docker source leaves no key out.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parse as parseYaml } from "yaml";
import { run } from "../../src/cli/run.ts";
import { keyTables } from "./key-table.ts";
import { parse } from "./support.ts";

const directory = fileURLToPath(new URL("../../examples/", import.meta.url));
const files = readdirSync(directory).filter((file) => /\.ya?ml$/.test(file));

afterEach(() => vi.restoreAllMocks());

it("there are some", () => {
  expect(files).toEqual(expect.arrayContaining(["demo.yaml", "docker.yaml"]));
});

it.each(files)("check-config accepts %s", async (file) => {
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  const complained = vi.spyOn(console, "error").mockImplementation(() => {});
  expect([await run(["check-config", `${directory}${file}`]), complained.mock.calls]).toEqual([0, []]);
  expect(said).toHaveBeenCalledOnce();
});

describe("docker.yaml", () => {
  const text = readFileSync(`${directory}docker.yaml`, "utf8");
  const commented = /^( +)# (?=\w+: )/gm;
  const whole = text.replaceAll(commented, "$1");

  it("is accepted with the keys that are commented out, too", () => {
    expect(text.match(commented)).toHaveLength(3);
    expect(parse(whole).sources).toHaveLength(1);
  });

  it("has every key that a docker source can have, and those of the service", () => {
    const tables = keyTables.filter(([what]) => what === "the service" || what === "a docker source");
    const keys = tables.flatMap(([, , table]) => table.map(({ key }) => key));
    expect(keys.length).toBeGreaterThan(50);
    expect(
      keys.filter((key) => !/filter\.\w+\./.test(key) && valueAt(parseYaml(whole), key) === undefined),
    ).toEqual([]);
    const { filter } = parseYaml(whole).sources[0];
    const { unknown, ...policies } = filter;
    expect(unknown).toBe("hide");
    expect(Object.keys(policies)).toEqual(["release", "weekly", "daily", "releaseCandidate", "experimental"]);
    const rules = new Set(Object.values<object>(policies).flatMap((policy) => Object.keys(policy)));
    expect([...rules].toSorted()).toEqual(["age", "cutoffBuild", "cutoffDate", "cutoffVersion", "number"]);
  });

  it("says nothing but the default where its comment calls it that", () => {
    const withDefault = /^( +)(?:- )?(\w+: .+?) # .*[Tt]he defaults?$/gm;
    expect(text.match(withDefault)?.length).toBeGreaterThan(10);
    const given = parse(text);
    const bare = parse(text.replaceAll(withDefault, "").replace(/^shutdown:.*$/m, ""));
    expect(bare).toEqual(given);
  });
});

function valueAt(value: unknown, path: string): unknown {
  const keys = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
  return keys.reduce((at: unknown, key) => (at as Record<string, unknown> | undefined)?.[key], value);
}
