/** A source that goes on from what an earlier one has left, and what becomes of failures on the way. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ImageSource, SourceOptions } from "../../src/sources/image-source.ts";
import type { StateStore } from "../../src/sources/state-keeper.ts";
import { byDigest, node, nodeCache, options, policy } from "../support/domain.ts";
import { fault, patient, ScriptedReader } from "../support/reader.ts";
import { nothing, ref, sourceOf } from "../support/source.ts";

const tags = { recommended: "a", w_2077_43: "a", w_2077_42: "b", d_2077_10_23: "d" };
const start = Date.parse("2077-11-01T00:00:00Z");

beforeEach(() => void vi.useFakeTimers({ now: start, toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

/** A file that is a value. */
class Store implements StateStore {
  readonly path = "/state/lab.jsonl";
  lines: string[] | undefined;
  failure: string | undefined;
  /** Reading waits for it. */
  gate: Promise<void> | undefined;
  writes = 0;

  async read() {
    await this.gate;
    const { lines } = this;
    return (
      lines &&
      (async function* () {
        yield lines;
      })()
    );
  }

  /** What was set aside. */
  unusable: string[] | undefined;

  async setAside() {
    this.unusable = this.lines;
    this.lines = undefined;
  }

  async write(lines: Iterable<string>) {
    if (this.failure !== undefined) throw new Error(this.failure);
    this.lines = [...lines];
    this.writes += 1;
  }
}

/** A source over what the store holds, with what it says. */
function opened(store: Store, parts: Partial<SourceOptions> = {}, isDown = false) {
  const reader = new ScriptedReader(tags);
  if (isDown) reader.failure = fault("registry_unavailable", "connection refused");
  const said: string[] = [];
  const say = (level: string) => (_: object, message: string) => void said.push(`${level} ${message}`);
  const log = { info: say("info"), warn: say("warn"), error: say("error") };
  const changed = vi.fn();
  const source = sourceOf(reader, parts, changed, { store, log });
  return { source, reader, said, changed };
}

const down = (store: Store, parts: Partial<SourceOptions> = {}) => opened(store, parts, true);

async function ended(source: ImageSource): Promise<void> {
  source.stop();
  await source.end();
}

/** Has listed its tags, has been told of two nodes, and has a mark. */
async function left(store: Store): Promise<ImageSource> {
  const { source } = opened(store);
  const cache = nodeCache(start - 1, node("n1", [byDigest("b")]), node("n2"));
  await source.updateImages({ prepull: { numDailies: 0 }, nodeCache: cache }, patient);
  source.markPrepulled(ref("w_2077_43"), "n2", 7);
  await ended(source);
  return source;
}

const prepulled = (source: ImageSource) => source.prepulledImages(["n1", "n2"], false).images;
const snapshot = (source: ImageSource) => source.menuImages().snapshot;
const menu = (source: ImageSource) => source.menuImages().images.map(({ image }) => image.tag.text);

describe("a source that is restarted while the registry is down", () => {
  it("answers as before, stale; options are those of the configuration", async () => {
    const store = new Store();
    const before = await left(store);
    const { source } = down(store);
    await source.start();
    expect(menu(source)).toEqual(menu(before));
    const facts = (of: ImageSource) =>
      prepulled(of).map(({ image, counts, size }) => [image.tag.text, counts, size]);
    expect(facts(source)).toEqual(facts(before));
    expect(await source.imageForTagName("w_2077_43", patient)).toMatchObject({ nodes: ["n2"], size: 7 });
    const { version: old, ...same } = snapshot(before);
    expect(snapshot(source)).toEqual({
      ...same,
      version: expect.any(Number),
      stale: true,
      lastError: "connection refused",
    });
    expect(snapshot(source).version).toBeGreaterThan(old);
    const { images, snapshot: answered } = await source.updateImages(nothing, patient);
    expect(images.map(({ image }) => image.tag.text)).toEqual(["recommended", "w_2077_43", "w_2077_42"]);
    expect(answered).toMatchObject({ stale: true, lastError: "connection refused" });
    await ended(source);
  });

  it("is stale without an error until its first run has ended, and no longer once it has listed", async () => {
    const store = new Store();
    const before = await left(store);
    const { source, reader, changed } = opened(store);
    const gate = Promise.withResolvers<void>();
    reader.gate = gate.promise;
    const first = source.start();
    await vi.waitUntil(() => source.info.snapshot);
    expect(changed).toHaveBeenCalledOnce();
    expect(snapshot(source)).toMatchObject({ stale: true, lastError: "", updateTime: start });
    const { version } = snapshot(source);
    expect(version).toBe(snapshot(before).version + 1);
    gate.resolve();
    await first;
    expect(snapshot(source)).toMatchObject({ stale: false, lastError: "" });
    expect(snapshot(source).version).toBeGreaterThan(version);
    await ended(source);
  });

  it("begins with the time as its version where that is larger than the stored one", async () => {
    const store = new Store();
    await left(store);
    vi.setSystemTime(start + 60_000);
    const { source, reader } = opened(store);
    reader.gate = new Promise(() => {});
    void source.start();
    await vi.waitUntil(() => source.info.snapshot);
    expect(snapshot(source).version).toBe((start + 60_000) * 1000);
    await ended(source);
  });

  it("knows tags, aliases and a menu as its own configuration says", async () => {
    const store = new Store();
    await left(store);
    const filter = { policies: { weekly: policy({ number: 1 }) }, hideUnknown: false };
    const { source } = down(store, { filter });
    await source.start();
    expect(menu(source)).toEqual(["recommended", "w_2077_43", "d_2077_10_23"]);
    const { source: other } = down(store, { prepull: options({ cycle: 46 }) });
    await other.start();
    expect(snapshot(other)).toMatchObject({ tagCount: 0 });
    await ended(source);
    await ended(other);
  });

  it("believes the stored nodes before configured ones, which are not stored", async () => {
    const store = new Store();
    const configured = { nodeCache: nodeCache(start, node("other")) };
    const { source: first } = opened(store, configured);
    await first.start();
    await ended(first);
    const renamed = { nodeCache: nodeCache(start, node("a"), node("b"), node("c")) };
    const { source: second } = down(store, renamed);
    await second.start();
    expect(snapshot(second).nodeCount).toBe(3);
    await ended(second);
    await left(store);
    const { source: third } = down(store, renamed);
    await third.start();
    expect(snapshot(third).nodeCount).toBe(2);
    await ended(third);
  });

  it("believes a node cache that comes while the state is read: its marks end by it", async () => {
    const store = new Store();
    await left(store);
    const gate = Promise.withResolvers<void>();
    store.gate = gate.promise;
    const { source } = down(store);
    void source.start();
    const update = source.updateImages(
      { prepull: undefined, nodeCache: nodeCache(start + 1, node("n2")) },
      patient,
    );
    gate.resolve();
    expect((await update).snapshot).toMatchObject({ nodeCount: 1, stale: true });
    expect(await source.imageForTagName("w_2077_43", patient)).toMatchObject({ nodes: [] });
    await ended(source);
  });

  it("resolves nothing anew that has not changed, and knows the digests still when only those fail", async () => {
    const store = new Store();
    await left(store);
    const { source, reader } = opened(store);
    for (const tag of Object.keys(tags)) reader.broken.set(tag, fault("registry_unavailable"));
    await source.start();
    expect(await source.imageForTagName("w_2077_43", patient)).toMatchObject({ nodes: ["n2"] });
    await ended(source);
  });
});

describe("what is saved", () => {
  it("a node cache that came before the first listing", async () => {
    const store = new Store();
    const { source } = down(store);
    const cache = nodeCache(start, node("n1"));
    await expect(source.updateImages({ prepull: undefined, nodeCache: cache }, patient)).rejects.toThrow();
    await ended(source);
    const { source: next } = opened(store);
    await next.start();
    expect(snapshot(next).nodeCount).toBe(1);
    await ended(next);
  });

  it("what was restored and never listed: nothing is lost by a second restart", async () => {
    const store = new Store();
    await left(store);
    for (let restart = 0; restart < 2; restart += 1) {
      const { source } = down(store);
      await source.start();
      await ended(source);
    }
    expect(store.writes).toBe(3);
    const { source } = down(store);
    await source.start();
    expect(await source.imageForTagName("w_2077_43", patient)).toMatchObject({ nodes: ["n2"], size: 7 });
    await ended(source);
  });

  it("a mark that is made again: it holds against a node cache that was read before", async () => {
    const store = new Store();
    const { source } = opened(store);
    await source.start();
    source.markPrepulled(ref("w_2077_43"), "n1", 0);
    await vi.advanceTimersByTimeAsync(5_000);
    const { version } = snapshot(source);
    const written = store.writes;
    source.markPrepulled(ref("w_2077_43"), "n1", 0);
    expect(snapshot(source).version).toBe(version);
    await vi.advanceTimersByTimeAsync(1_000);
    await vi.waitUntil(() => store.writes > written);
    source.stop(); // and is killed
    const { source: next } = down(store);
    const cache = nodeCache(start + 4_000, node("n1"));
    await next.updateImages({ prepull: undefined, nodeCache: cache }, patient);
    expect(await next.imageForTagName("w_2077_43", patient)).toMatchObject({ nodes: ["n1"] });
    await ended(next);
    await source.end();
  });

  it("nothing, while nothing is known; what is of no use is set aside", async () => {
    const store = new Store();
    store.lines = ["of somebody else"];
    const { source } = down(store);
    await source.start();
    await ended(source);
    expect([store.lines, store.unusable]).toEqual([undefined, ["of somebody else"]]);
  });
});

describe("a state that cannot be used", () => {
  it.each<[string, (lines: string[]) => string[], string]>([
    ["broken", (lines) => ["{", ...lines], "line 1 is no JSON"],
    ["half-written", (lines) => lines.slice(0, 3), "only half of it was written"],
    [
      "of another repository",
      ([head = "", ...rest]) => [head.replace("sciplat/lab", "other"), ...rest],
      "line 1 is of another repository",
    ],
    [
      "of another format",
      ([head = "", ...rest]) => [head.replace('"format":1', '"format":9'), ...rest],
      "format 9",
    ],
  ])(
    "%s: is a warning that names the file; nothing of it is in force, and a listing replaces it",
    async (_, spoil, because) => {
      const store = new Store();
      await left(store);
      store.lines = spoil(store.lines ?? []);
      const { source, reader, said } = down(store);
      await source.start();
      expect(said[0]).toContain("warn the state in /state/lab.jsonl cannot be used, and is begun anew: ");
      expect(said[0]).toContain(because);
      expect(source.info.snapshot).toBeUndefined();
      expect(() => source.menuImages()).toThrow(expect.objectContaining({ fault: "not_ready" }));
      reader.failure = undefined;
      await source.updateImages(nothing, patient);
      expect(snapshot(source)).toMatchObject({ stale: false, nodeCount: 0 });
      await ended(source);
      const { source: next, said: later } = down(store);
      await next.start();
      expect(later[0]).toBe("info goes on from the state in /state/lab.jsonl");
      await ended(next);
    },
  );
});

describe("a disk that cannot be written", () => {
  it("is told once when it begins and when it ends, is a warning meanwhile, and is counted", async () => {
    const store = new Store();
    store.failure = "the disk is full";
    const { source, said, changed } = opened(store);
    await source.start();
    const { version } = snapshot(source);
    const told = changed.mock.calls.length;
    for (const wait of [1_000, 2_000, 4_000]) {
      await vi.advanceTimersByTimeAsync(wait);
      await vi.waitUntil(() => source.info.warnings.length > 0);
    }
    const warning = "the state is not saved: the disk is full";
    expect(said.filter((line) => line.includes("the state is"))).toEqual([`error ${warning}`]);
    expect(source.info.warnings).toEqual([warning]);
    expect((await source.updateImages(nothing, patient)).warnings).toEqual([warning]);
    expect(source.saveFailures).toBe(3);
    expect(changed.mock.calls.length).toBe(told + 2); // the failure, and the update
    expect(snapshot(source)).toMatchObject({ version: version + 1, stale: false, lastError: "" });
    store.failure = undefined;
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitUntil(() => source.info.warnings.length === 0);
    expect(said.at(-1)).toBe("info the state is saved again");
    expect(store.writes).toBe(1);
    await ended(source);
  });

  it("does not keep a source from its end, and no timer is left", async () => {
    const store = new Store();
    store.failure = "the disk is full";
    const { source } = opened(store);
    await source.start();
    await ended(source);
    expect([source.saveFailures, vi.getTimerCount()]).toEqual([1, 0]);
  });
});
