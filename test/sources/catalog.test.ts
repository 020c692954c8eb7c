/** Sources by name, and when all of them together are ready. */
import { describe, expect, it, vi } from "vitest";
import { Catalog } from "../../src/sources/catalog.ts";
import { fault, ScriptedReader } from "../support/reader.ts";
import { sourceOf } from "../support/source.ts";

function two() {
  const readers = [new ScriptedReader({ w_2077_43: "a" }), new ScriptedReader({ w_2077_42: "b" })] as const;
  const [first, second] = readers;
  const gates = readers.map((reader) => {
    const gate = Promise.withResolvers<void>();
    reader.gate = gate.promise;
    return gate;
  });
  const catalog = new Catalog([sourceOf(first, { name: "one" }), sourceOf(second, { name: "two" })]);
  return { catalog, readers, gates };
}

describe("Catalog", () => {
  it("finds a source by its name, and the first for the empty name", () => {
    const { catalog } = two();
    expect(catalog.source("two").info.name).toBe("two");
    expect(catalog.source("").info.name).toBe("one");
    expect(catalog.sources().map(({ name }) => name)).toEqual(["one", "two"]);
  });

  it("says which sources there are where one is not known", () => {
    expect(() => two().catalog.source("three")).toThrow('there is no source "three"; there are: one, two');
    expect(() => two().catalog.source("three")).toThrow(expect.objectContaining({ fault: "unknown_source" }));
  });

  it.each([
    ["when all have been listed", [undefined, undefined], true],
    ["when one has been listed and the other has failed", [undefined, fault("registry_denied")], true],
    ["not when all have failed", [fault("registry_denied"), fault("registry_unavailable")], false],
  ])("is ready %s", async (_, failures, ready) => {
    const { catalog, readers, gates } = two();
    for (const [index, reader] of readers.entries()) reader.failure = failures[index];
    const settled = vi.fn();
    catalog.start(settled);
    expect(catalog.isReady).toBe(false);
    gates[0]?.resolve();
    await vi.waitUntil(() => settled.mock.calls.length === 1);
    expect(catalog.isReady).toBe(false); // the second may still come
    gates[1]?.resolve();
    await vi.waitUntil(() => settled.mock.calls.length === 2);
    expect(catalog.isReady).toBe(ready);
    catalog.stop();
  });
});
