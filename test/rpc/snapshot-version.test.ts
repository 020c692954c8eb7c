/** `Snapshot.version`: grows with what could change an answer, and with nothing else; `stale` and `last_error` with it. */
import { describe, expect, it } from "vitest";
import { fault, ScriptedReader } from "../support/reader.ts";
import { sourceOf } from "../support/source.ts";
import { type Ask, everyWay } from "../support/transports.ts";
import { labSource, podReference } from "./fixture.ts";

const versionOf = async (ask: Ask) => (await ask.menuImages({})).snapshot?.version ?? 0n;
const weekly = podReference("w_2077_43_c0045.003", "aa");

describe.each(everyWay)("the version %s", (_, open) => {
  it.each<[string, (ask: Ask) => Promise<unknown>]>([
    ["an update", (ask) => ask.updateImages({})],
    ["options", (ask) => ask.updateImages({ prepull: { numDailies: 0 } })],
    ["a node cache", (ask) => ask.updateImages({ nodeCache: {} })],
    ["a mark", (ask) => ask.markPrepulled({ reference: weekly, node: "node-9" })],
    [
      "a mark that tells the size of an image on that node",
      (ask) => ask.markPrepulled({ reference: podReference("exp_dask"), node: "node-2", sizeBytes: 9n }),
    ],
  ])("grows with %s", async (_, act) => {
    const { ask } = await open(await labSource());
    const before = await versionOf(ask);
    await act(ask);
    expect(await versionOf(ask)).toBeGreaterThan(before);
  });

  it.each<[string, (ask: Ask) => Promise<unknown>]>([
    [
      "reads",
      async (ask) => {
        await ask.menuImages({});
        await ask.prepulledImages({ nodes: ["x"], countsOnly: true });
        await ask.imageForTagName({ tagName: "sandbox" });
        await ask.imageForReference({ reference: weekly });
        await ask.listSources({});
      },
    ],
    [
      "a mark of an image that the node lists",
      (ask) => ask.markPrepulled({ reference: weekly, node: "node-1" }),
    ],
    [
      "a mark of an unknown image",
      (ask) => ask.markPrepulled({ reference: podReference("none"), node: "node-1" }),
    ],
    [
      "requests that are refused",
      async (ask) => {
        await expect(ask.updateImages({ prepull: { numReleases: -1 }, nodeCache: {} })).rejects.toThrow();
        await expect(ask.updateImages({ source: "nope", nodeCache: {} })).rejects.toThrow();
        await expect(ask.imageForTagName({ tagName: "none" })).rejects.toThrow();
      },
    ],
  ])("does not grow with %s", async (_, act) => {
    const { ask } = await open(await labSource());
    const before = await versionOf(ask);
    await act(ask);
    expect(await versionOf(ask)).toBe(before);
  });

  it("does not grow with a mark that is made again", async () => {
    const { ask } = await open(await labSource());
    await ask.markPrepulled({ reference: weekly, node: "node-9", sizeBytes: 4n });
    const before = await versionOf(ask);
    await ask.markPrepulled({ reference: weekly, node: "node-9", sizeBytes: 4n });
    expect(await versionOf(ask)).toBe(before);
  });

  it("is that of every list and of ListSources, and begins above the time in microseconds", async () => {
    const before = BigInt(Date.now()) * 1000n;
    const { ask } = await open(await labSource());
    const version = await versionOf(ask);
    expect(version).toBeGreaterThan(before);
    expect((await ask.prepulledImages({})).snapshot?.version).toBe(version);
    expect((await ask.listSources({})).sources[0]?.snapshot?.version).toBe(version);
  });

  it("grows when the registry fails, with the reason in the snapshot and the warnings, and when it is back", async () => {
    const reader = new ScriptedReader({ w_2077_43: "a" });
    const source = sourceOf(reader);
    await source.start();
    const { ask } = await open(source);
    const good = (await ask.menuImages({})).snapshot;
    reader.failure = fault("registry_unavailable", "connection refused");
    const failed = await ask.updateImages({});
    expect(failed.images.map(({ tag }) => tag)).toEqual(["w_2077_43"]);
    expect(failed.snapshot).toMatchObject({ stale: true, lastError: "connection refused" });
    expect(failed.snapshot?.updateTime).toEqual(good?.updateTime);
    expect(failed.warnings).toContain("connection refused");
    expect(await versionOf(ask)).toBeGreaterThan(good?.version ?? 0n);
    reader.failure = undefined;
    const back = await ask.updateImages({});
    expect(back.snapshot).toMatchObject({ stale: false, lastError: "" });
    expect(back.snapshot?.version).toBeGreaterThan(failed.snapshot?.version ?? 0n);
  });
});
