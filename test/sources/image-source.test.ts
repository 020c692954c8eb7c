/**
 * One source over time: listings, options, node caches and marks that come and go, failures and their ends
 * (behaviour 8 and 9). What readers answer alike is in `source-suite.ts`.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ImageSource } from "../../src/sources/image-source.ts";
import { byDigest, lab, node, nodeCache, options, sha } from "../support/domain.ts";
import { fault, patient, ScriptedReader } from "../support/reader.ts";
import { nothing, ref, sourceOf } from "../support/source.ts";

const tags = { recommended: "a", w_2077_43: "a", w_2077_42: "b", w_2077_41: "c", d_2077_10_23: "d" };
const start = Date.parse("2077-11-01T00:00:00Z");

beforeEach(() => void vi.useFakeTimers({ now: start, toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

async function started(
  reader: ScriptedReader,
  ...rest: Parameters<typeof sourceOf> extends [unknown, ...infer R] ? R : never
) {
  const source = sourceOf(reader, ...rest);
  await source.start();
  return source;
}

function menu(source: ImageSource): string[] {
  return source.menuImages().images.map(({ image }) => image.tag.text);
}

const snapshotOf = (source: ImageSource) => source.menuImages().snapshot;

describe("before the first listing", () => {
  it("lists and lookups are not ready, and say why once a run has failed", async () => {
    const reader = new ScriptedReader(tags);
    reader.failure = fault("registry_unavailable", "connection refused");
    const source = sourceOf(reader);
    expect(() => source.menuImages()).toThrow(expect.objectContaining({ fault: "not_ready" }));
    await source.start();
    expect(() => source.prepulledImages([], false)).toThrow("connection refused");
    expect(() => source.imageForTagName("w_2077_43", patient)).toThrow(
      expect.objectContaining({ fault: "not_ready" }),
    );
    expect(() => source.imageForReference(ref("w_2077_43"), patient)).toThrow(
      expect.objectContaining({ fault: "not_ready" }),
    );
    expect(source.info).toMatchObject({ snapshot: undefined, warnings: ["connection refused"] });
  });

  it("a mark is not applied", () => {
    expect(sourceOf(new ScriptedReader(tags)).markPrepulled(ref("w_2077_43"), "node-1", 0)).toBe(false);
  });

  it("an update fails with the registry's reason", async () => {
    const reader = new ScriptedReader(tags);
    reader.failure = fault("registry_denied", "no");
    await expect(sourceOf(reader).updateImages(nothing, patient)).rejects.toBe(reader.failure);
  });

  it("options and nodes of an update that failed are in force when a listing comes", async () => {
    const reader = new ScriptedReader(tags);
    reader.failure = fault("registry_unavailable");
    const source = sourceOf(reader);
    const update = { prepull: { numWeeklies: 3 }, nodeCache: nodeCache(start, node("node-1")) };
    await expect(source.updateImages(update, patient)).rejects.toThrow();
    reader.failure = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    await vi.waitUntil(() => source.info.snapshot);
    expect(snapshotOf(source)).toMatchObject({ nodeCount: 1, imageCount: 5, stale: false });
  });
});

describe("an update", () => {
  it("lists once and resolves what the options choose, each tag once", async () => {
    const reader = new ScriptedReader(tags);
    const source = await started(reader);
    expect(reader.asked.sort()).toEqual(["d_2077_10_23", "list", "recommended", "w_2077_42", "w_2077_43"]);
    expect(snapshotOf(source)).toEqual({
      source: "lab",
      version: expect.any(Number),
      updateTime: start,
      tagCount: 5,
      imageCount: 4,
      nodeCount: 0,
      stale: false,
      lastError: "",
    });
  });

  it("puts options and nodes in force from its arrival, also for other callers", async () => {
    const reader = new ScriptedReader(tags);
    const source = await started(reader);
    const gate = Promise.withResolvers<void>();
    reader.gate = gate.promise;
    const cache = nodeCache(start, node("node-1", [byDigest("a")]));
    const update = source.updateImages(
      { prepull: { numWeeklies: 1, recommendedTag: "" }, nodeCache: cache },
      patient,
    );
    const menuNow = source.menuImages();
    expect(menuNow.snapshot.nodeCount).toBe(1);
    expect(menuNow.images.find(({ image }) => image.tag.text === "w_2077_42")?.wanted).toBe(false);
    expect(menuNow.images.find(({ image }) => image.tag.text === "w_2077_43")).toMatchObject({
      prepulled: true,
      wanted: true,
    });
    gate.resolve();
    expect((await update).images.map(({ image }) => image.tag.text)).toEqual(["w_2077_43", "d_2077_10_23"]);
  });

  it("options that come in mid-run choose among what is resolved; the next run resolves the rest", async () => {
    const reader = new ScriptedReader(tags);
    const source = sourceOf(reader);
    const gate = Promise.withResolvers<void>();
    reader.gate = gate.promise;
    const first = source.start();
    const update = source.updateImages({ prepull: { numWeeklies: 3 }, nodeCache: undefined }, patient);
    gate.resolve();
    await first;
    expect(snapshotOf(source).imageCount).toBe(4);
    expect((await update).images.map(({ image }) => image.tag.text)).toContain("w_2077_41");
  });

  it("empty options go back to the configuration; without options those in force stay", async () => {
    const source = await started(new ScriptedReader(tags), { prepull: options({ numWeeklies: 1 }) });
    const chosen = async (prepull: object | undefined) => {
      const { images } = await source.updateImages({ prepull, nodeCache: undefined }, patient);
      return images.filter(({ image }) => image.tag.type === "weekly").length;
    };
    expect(await chosen({ numWeeklies: 3 })).toBe(3);
    expect(await chosen(undefined)).toBe(3);
    expect(await chosen({})).toBe(1);
  });

  it("where the registry fails, answers from the last listing, says so, and recovers", async () => {
    const reader = new ScriptedReader(tags);
    const source = await started(reader);
    const before = menu(source);
    reader.failure = fault("registry_unavailable", "it is down");
    vi.setSystemTime(start + 60_000);
    const failed = await source.updateImages(nothing, patient);
    expect(failed.snapshot).toMatchObject({ stale: true, lastError: "it is down", updateTime: start });
    expect(failed.warnings).toEqual(["it is down"]);
    expect(failed.images).toHaveLength(4);
    expect(menu(source)).toEqual(before);
    reader.failure = undefined;
    const recovered = await source.updateImages(nothing, patient);
    expect(recovered.snapshot).toMatchObject({ stale: false, lastError: "", updateTime: start + 60_000 });
    expect(recovered.warnings).toEqual([]);
  });

  it("names a tag that cannot be resolved, and keeps its last digest unless it is gone", async () => {
    const reader = new ScriptedReader(tags);
    const source = await started(reader);
    reader.broken.set("w_2077_43", fault("registry_unavailable", "busy"));
    reader.broken.set("w_2077_42", fault("unknown_image", "gone"));
    const { images, warnings, snapshot } = await source.updateImages(nothing, patient);
    expect(images.map(({ image }) => image.tag.text)).toEqual(["recommended", "w_2077_43", "d_2077_10_23"]);
    expect(warnings).toEqual([
      expect.stringMatching(/w_2077_43.*busy/),
      expect.stringMatching(/w_2077_42.*gone/),
    ]);
    expect(snapshot.stale).toBe(false);
  });

  it.each([
    [
      "a pinned tag that does not exist is a warning",
      { pin: ["w_2077_01"] },
      ["the pinned tag w_2077_01 does not exist"],
    ],
    ["so is a recommended one", { recommendedTag: "best" }, ["the recommended tag best does not exist"]],
    ["the default one is not", {}, []],
  ])("%s", async (_, parts, warnings) => {
    const source = await started(new ScriptedReader({ w_2077_43: "a" }), { prepull: options(parts) });
    expect(source.info.warnings).toEqual(warnings);
  });

  it("goes on when its caller gives up", async () => {
    const reader = new ScriptedReader(tags);
    const source = sourceOf(reader);
    const gate = Promise.withResolvers<void>();
    reader.gate = gate.promise;
    const caller = new AbortController();
    const update = source.updateImages(nothing, caller.signal);
    caller.abort(new Error("gone"));
    await expect(update).rejects.toThrow("gone");
    gate.resolve();
    await vi.waitUntil(() => source.info.snapshot);
    expect(menu(source)).toHaveLength(5);
  });

  it("that waits when the source is stopped is not ready; what is known is answered as before", async () => {
    const reader = new ScriptedReader(tags);
    const source = await started(reader);
    reader.gate = new Promise(() => {});
    const waiting = source.updateImages(nothing, patient);
    source.stop();
    await expect(waiting).rejects.toMatchObject({ fault: "not_ready" });
    await expect(source.updateImages(nothing, patient)).rejects.toMatchObject({ fault: "not_ready" });
    await vi.advanceTimersByTimeAsync(0);
    expect(snapshotOf(source)).toMatchObject({ stale: false, lastError: "" });
  });

  it("ends after refreshTimeout with the last listing", async () => {
    const reader = new ScriptedReader(tags);
    const source = await started(reader, { refreshTimeout: 5_000 });
    reader.gate = new Promise(() => {});
    const update = source.updateImages(nothing, patient);
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await update).snapshot).toMatchObject({ stale: true, lastError: expect.stringContaining("5 s") });
  });

  it("that is given up while it resolves is no good one: the last listing stays in force", async () => {
    const reader = new ScriptedReader(tags);
    const source = await started(reader, { refreshTimeout: 5_000 });
    reader.tags = { w_2077_44: "e" };
    const resolving = Promise.withResolvers<void>();
    reader.resolve = (_, signal) => {
      resolving.resolve();
      return new Promise((__, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    const update = source.updateImages(nothing, patient);
    await resolving.promise;
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await update).snapshot).toMatchObject({ stale: true, tagCount: 5, updateTime: start });
  });

  it("a bug of ours is told as one, without its text, and costs nothing that was known", async () => {
    const reader = new ScriptedReader(tags);
    const source = await started(reader);
    reader.failure = new TypeError("x is not a function");
    const { warnings } = await source.updateImages(nothing, patient);
    expect(warnings).toEqual(["the update failed by a fault of the service"]);
    expect(menu(source)).toHaveLength(5);
  });
});

describe("the version grows", () => {
  it.each<[string, boolean, (source: ImageSource, reader: ScriptedReader) => unknown]>([
    ["with an update", true, (source) => source.updateImages(nothing, patient)],
    [
      "with a run that fails",
      true,
      (source, reader) => {
        reader.failure = fault("registry_unavailable");
        return source.updateImages(nothing, patient);
      },
    ],
    [
      "with a mark that changes something",
      true,
      (source) => source.markPrepulled(ref("w_2077_43"), "node-2", 0),
    ],
    ["with a mark that tells a size", true, (source) => source.markPrepulled(ref("w_2077_43"), "node-1", 9)],
    [
      "not with a mark that changes nothing",
      false,
      (source) => source.markPrepulled(ref("w_2077_43"), "node-1", 0),
    ],
    [
      "not with a mark of an image that is not known",
      false,
      (source) => source.markPrepulled(ref("nope"), "node-2", 0),
    ],
    [
      "not with a list",
      false,
      (source) => [source.menuImages(), source.prepulledImages([], false), source.info],
    ],
    ["not with a lookup", false, (source) => source.imageForTagName("w_2077_41", patient)],
  ])("%s", async (_, grows, act) => {
    const reader = new ScriptedReader(tags);
    const changed = vi.fn();
    const source = await started(
      reader,
      { nodeCache: nodeCache(start, node("node-1", [byDigest("a")])) },
      changed,
    );
    const before = snapshotOf(source).version;
    expect(before).toBeGreaterThanOrEqual(start * 1000);
    changed.mockClear();
    await act(source, reader);
    expect(snapshotOf(source).version > before).toBe(grows);
    expect(changed.mock.calls.length > 0).toBe(grows);
  });
});

describe("a mark", () => {
  const cache = (readTime: number, ...images: string[]) => nodeCache(readTime, node("node-1", images));
  const nodesOf = (source: ImageSource) =>
    source.prepulledImages([], false).images.find(({ image }) => image.tag.text === "w_2077_43")?.names
      .present;

  it("takes effect at once, for all tags of its digest", async () => {
    const source = await started(new ScriptedReader(tags), { nodeCache: cache(start) });
    expect(source.markPrepulled(ref("recommended"), "node-1", 5)).toBe(true);
    for (const entry of source.menuImages().images.slice(0, 2))
      expect(entry).toMatchObject({ prepulled: true, size: 5 });
  });

  it("that comes while an update runs is not lost when it ends", async () => {
    const reader = new ScriptedReader(tags);
    const source = await started(reader, { nodeCache: cache(start) });
    const gate = Promise.withResolvers<void>();
    reader.gate = gate.promise;
    const update = source.updateImages(nothing, patient);
    source.markPrepulled(ref("@a"), "node-1", 0);
    gate.resolve();
    await update;
    expect(nodesOf(source)).toEqual(["node-1"]);
  });

  it("outlives a node cache that was read before it, and ends with one that was read after it", async () => {
    const source = await started(new ScriptedReader(tags), { nodeCache: cache(start - 1) });
    source.markPrepulled(ref("@a"), "node-1", 0);
    await source.updateImages({ prepull: undefined, nodeCache: cache(start - 1) }, patient);
    expect(nodesOf(source)).toEqual(["node-1"]);
    await source.updateImages({ prepull: undefined, nodeCache: cache(start + 1) }, patient);
    expect(nodesOf(source)).toEqual([]);
  });

  it("of a tag that leaves the listing holds again when it comes back", async () => {
    const reader = new ScriptedReader(tags);
    const source = await started(reader, { nodeCache: cache(start) });
    source.markPrepulled(ref("@a"), "node-1", 0);
    reader.tags = { w_2077_42: "b" };
    await source.updateImages(nothing, patient);
    expect(source.markPrepulled(ref("@a"), "node-1", 0)).toBe(false);
    reader.tags = tags;
    await source.updateImages(nothing, patient);
    expect(nodesOf(source)).toEqual(["node-1"]);
  });

  it.each([
    ["by a tag that is not resolved", "w_2077_41"],
    ["of another digest than is known", "w_2077_43@e"],
    ["of a tag that is not known", "w_2077_01"],
  ])("%s is not applied, and the registry is not asked", async (_, text) => {
    const reader = new ScriptedReader(tags);
    const source = await started(reader);
    const before = reader.asked.length;
    expect(source.markPrepulled(ref(text), "node-1", 0)).toBe(false);
    expect(reader.asked).toHaveLength(before);
  });

  it("of another repository is not applied", async () => {
    const source = await started(new ScriptedReader(tags));
    expect(source.markPrepulled({ ...ref("@a"), repository: "other/lab" }, "node-1", 0)).toBe(false);
    expect(source.markPrepulled({ ...ref("@a"), ...lab }, "node-1", 0)).toBe(true);
  });
});

describe("lookups of tags that are not resolved", () => {
  it("are placed against the snapshot: aliases, target, name, nodes, size", async () => {
    const reader = new ScriptedReader({ ...tags, newest: "a" });
    const source = await started(reader, {
      nodeCache: nodeCache(start, node("node-1", [{ names: [byDigest("a")], size: 7 }])),
    });
    expect(await source.imageForTagName("newest", patient)).toMatchObject({
      image: {
        digest: sha("a"),
        aliasTarget: "w_2077_43",
        tag: { type: "alias", displayName: "Newest (Weekly 2077_43)" },
      },
      aliases: ["recommended"],
      nodes: ["node-1"],
      size: 7,
      reference: `r.example/sciplat/lab:newest@${sha("a")}`,
    });
  });

  it("cost the registry one request in a while, and one after each update", async () => {
    const reader = new ScriptedReader(tags);
    const source = await started(reader);
    const requests = () => reader.asked.filter((tag) => tag === "w_2077_41").length;
    await Promise.all([1, 2, 3].map(() => source.imageForTagName("w_2077_41", patient)));
    await source.imageForReference(ref("w_2077_41"), patient);
    expect(requests()).toBe(1);
    await source.updateImages(nothing, patient);
    await source.imageForTagName("w_2077_41", patient);
    expect(requests()).toBe(2);
  });

  it("a tag of the snapshot is answered without a promise", async () => {
    const source = await started(new ScriptedReader(tags));
    expect(source.imageForTagName("w_2077_43", patient)).not.toBeInstanceOf(Promise);
    expect(source.imageForReference(ref("w_2077_43@a"), patient)).not.toBeInstanceOf(Promise);
    expect(source.imageForTagName("w_2077_41", patient)).toBeInstanceOf(Promise);
  });
});
