/**
 * The examples for operators: each is accepted as it stands, and the one of a docker source leaves no key out.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parse as parseYaml } from "yaml";
import { run } from "../../src/cli/run.ts";
import { keyTables } from "./key-table.ts";
import { keyTables as prepullerKeyTables } from "./prepuller-key-table.ts";
import { parse, parsePrepuller } from "./support.ts";

const directory = fileURLToPath(new URL("../../examples/", import.meta.url));
const files = readdirSync(directory).filter((file) => /\.ya?ml$/.test(file));

afterEach(() => vi.restoreAllMocks());

it("there are some", () => {
  expect(files).toEqual(expect.arrayContaining(["demo.yaml", "docker.yaml", "prepuller.yaml"]));
});

it.each(files)("check-config accepts %s", async (file) => {
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  const complained = vi.spyOn(console, "error").mockImplementation(() => {});
  expect([await run(["check-config", `${directory}${file}`]), complained.mock.calls]).toEqual([0, []]);
  expect(said).toHaveBeenCalledOnce();
});

describe("docker.yaml", () => {
  const text = readFileSync(`${directory}docker.yaml`, "utf8");
  const commented = /^( *)# (?=\w+: )/gm;
  const whole = text.replaceAll(commented, "$1");

  it("is accepted with the keys that are commented out, too", () => {
    expect(text.match(commented)).toHaveLength(8);
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

describe("prepuller.yaml", () => {
  const text = readFileSync(`${directory}prepuller.yaml`, "utf8");
  const commented = /^( *)# (?=\w+: \S+ # )/gm;
  const whole = text.replaceAll(commented, "$1");

  it("is accepted with the keys that are commented out, too", () => {
    expect(text.match(commented)).toHaveLength(8);
    expect(parsePrepuller(whole.replace("http://", "https://")).namespace).toBe("prepuller");
  });

  it("has every key", () => {
    const keys = prepullerKeyTables.flatMap(([, , table]) => table.map(({ key }) => key));
    // Keys that are up to who writes them, and what one toleration cannot have beside the others.
    const free = /^(?:nodeSelector|pod\.labels|pod\.annotations|pod\.resources\.\w+)\.|tolerationSeconds$/;
    const named = keys.filter((key) => !free.test(key));
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((key) => valueAt(parseYaml(whole), key) === undefined)).toEqual([]);
  });

  it("says nothing but the default where its comment calls it that", () => {
    const isDefault = /^( *)(\w+): (.+?) # .*[Tt]he default$/gm;
    expect(text.match(isDefault)?.length).toBeGreaterThan(12);
    const rest = text.replaceAll(isDefault, "").replaceAll(/^ *(?:#.*)?\n/gm, "");
    const withoutEmptyMaps = rest.replaceAll(/^( *)(\w+):(?: #.*)?\n(?!\1 )/gm, "$1$2: {}\n");
    expect(parsePrepuller(withoutEmptyMaps)).toEqual(parsePrepuller(text));
  });

  it("names the default where the value is another one", () => {
    const others = [...text.matchAll(/^( *)(\w+): .*the default(?:, (\S+),| is (\S+))/gm)];
    const bare = parsePrepuller({});
    const told = others.map(([, , key = "", given, stated]) => [key, parseYaml(given ?? stated ?? "")]);
    expect(Object.fromEntries(told)).toMatchObject({
      sources: bare.sources,
      nodeSelector: bare.nodeSelector,
      tolerations: bare.tolerations,
      labels: bare.pod.labels,
    });
  });
});

function valueAt(value: unknown, path: string): unknown {
  const keys = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
  return keys.reduce((at: unknown, key) => (at as Record<string, unknown> | undefined)?.[key], value);
}
