/**
 * Reading the configuration's file: what its paths are relative to, and files that cannot be read.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAnyConfig, loadConfig, loadPrepullerConfig } from "../../src/config/load.ts";
import { of, problemsOf } from "./support.ts";

let directory = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "image-source-config-"));
  mkdirSync(join(directory, "etc"));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(directory, "etc", name);
  writeFileSync(path, content);
  return path;
}

describe("paths are relative to the configuration's file", () => {
  it.each([
    ["beside it", "ca.pem", ["etc", "ca.pem"]],
    ["below it", "tls/ca.pem", ["etc", "tls", "ca.pem"]],
    ["above it", "../ca.pem", ["ca.pem"]],
  ])("%s, however that file is named", (_, written, parts) => {
    const file = write(
      "config.json",
      JSON.stringify(of("docker", { caFile: written, credentialsFile: "/c.json" })),
    );
    for (const name of [file, relative(process.cwd(), file)]) {
      expect(loadConfig(name).sources[0]).toMatchObject({
        caFile: join(directory, ...parts),
        credentialsFile: "/c.json",
      });
    }
  });
});

it("paths are relative to a prepuller's file, too", () => {
  const service = { url: "https://a:1", tokenFile: "token", caFile: "/ca.crt" };
  const file = write("prepuller.json", JSON.stringify({ service, kubeconfig: "../kubeconfig" }));
  expect(loadPrepullerConfig(relative(process.cwd(), file))).toMatchObject({
    service: { tokenFile: join(directory, "etc", "token"), caFile: "/ca.crt" },
    kubeconfig: join(directory, "kubeconfig"),
  });
});

describe("a file of either kind", () => {
  it.each([
    ["a service's", of("docker"), "service"],
    ["a prepuller's", { lease: {} }, "prepuller"],
    ["one without a key", {}, "prepuller"],
  ])("is read as what it is: %s", (_, value, kind) => {
    const file = write("any.json", JSON.stringify(value));
    const loaded = loadAnyConfig(file);
    expect(loaded.kind).toBe(kind);
    expect(loaded.config).toEqual(kind === "service" ? loadConfig(file) : loadPrepullerConfig(file));
  });

  it.each([
    ["a service's", { sources: [{}] }, /^sources\[0\]/],
    ["a prepuller's", { lease: 3 }, /^lease has to be a map of keys/],
  ])("is refused as what it is: %s", (_, value, expected) => {
    const file = write("bad.json", JSON.stringify(value));
    expect(problemsOf(() => loadAnyConfig(file)).join("\n")).toMatch(expected);
  });
});

it("the nodes of a static source count as read now", () => {
  const file = write("static.json", JSON.stringify(of("static")));
  const before = Date.now();
  const readTime = loadConfig(file).sources[0]?.nodeCache.readTime ?? Number.NaN;
  expect(readTime).toBeGreaterThanOrEqual(before);
  expect(readTime).toBeLessThanOrEqual(Date.now());
});

describe("a file that cannot be read, or used", () => {
  it.each([
    ["is not there", () => join(directory, "none.yaml"), /none\.yaml cannot be read: .*no such file/],
    ["is a directory", () => join(directory, "etc"), /etc cannot be read: .*directory/],
    [
      "is below a file",
      () => join(write("a.yaml", ""), "b.yaml"),
      /b\.yaml cannot be read: .*not a directory/,
    ],
    ["has no name", () => "", /cannot be read/],
    ["has a NUL in its name", () => "a\0b", /cannot be read/],
    ["is empty", () => write("empty.yaml", ""), /^the configuration has to be a map of keys/],
    [
      "holds any bytes",
      () =>
        write(
          "bytes.yaml",
          Uint8Array.from({ length: 5000 }, (__, i) => (i * 167) % 256),
        ),
      /./,
    ],
    ["is no configuration", () => write("other.yaml", "hello: world\n"), /is no key|is missing/],
  ])("%s", (_, path, expected) => {
    for (const load of [loadConfig, loadPrepullerConfig, loadAnyConfig])
      expect(problemsOf(() => load(path())).join("\n")).toMatch(expected);
  });
});
