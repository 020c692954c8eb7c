import { describe, expect, it } from "vitest";
import {
  afterFailure,
  afterList,
  afterPull,
  emptyMemory,
  keepOnly,
  type NodeMemory,
} from "../../src/domain/node-memory.ts";
import { byDigest, byTag, sha } from "../support/domain.ts";
import { clusterNode, memoryOf } from "../support/prepull-domain.ts";

const a = sha("a");
const minutes = 60_000;
const hours = 60 * minutes;
/** The longest wait. */
const last = 1;

function ofA(memory: NodeMemory) {
  return memory.images.get(a);
}

/** How long the image is left alone after each of so many failures, each at the end of the wait before. */
function waits(count: number, random: number): number[] {
  const found: number[] = [];
  let memory = emptyMemory;
  for (let now = 0; found.length < count; now = ofA(memory)?.retryAt ?? 0) {
    memory = afterFailure(memory, a, "ErrImagePull", "not found", now, random);
    found.push((ofA(memory)?.retryAt ?? 0) - now);
  }
  return found;
}

/** The same, where it is evicted a minute after each pull, and pulled as soon as it may be. */
function waitsOfEvictions(count: number, random: number): number[] {
  const found: number[] = [];
  let memory = emptyMemory;
  for (let now = 0; found.length < count; now = ofA(memory)?.retryAt ?? 0) {
    memory = afterPull(memory, a, now, "");
    memory = afterList(memory, clusterNode("n1", [byDigest("b")]), now, false, now + minutes, random);
    found.push((ofA(memory)?.retryAt ?? 0) - now - minutes);
  }
  return found;
}

describe("afterFailure", () => {
  it("waits 30 s, doubling, at most 10 min", () => {
    expect(waits(7, last).map((ms) => ms / 1000)).toEqual([30, 60, 120, 240, 480, 600, 600]);
  });

  it("waits less by chance, but at least three quarters of that", () => {
    expect(waits(7, 0).map((ms) => ms / 1000)).toEqual([22.5, 45, 90, 180, 360, 450, 450]);
    expect(waits(1, 0.5)).toEqual([26_250]);
  });

  it("stays at the longest wait, however often it failed", () => {
    const often = memoryOf({ a: { failures: 1e9 } });
    expect(ofA(afterFailure(often, a, "x", "", 5, last))?.retryAt).toBe(5 + 10 * minutes);
  });

  it("keeps why, and what was known of other images", () => {
    const before = memoryOf({ b: { failures: 3, retryAt: 7 } });
    const after = afterFailure(before, a, "ErrImagePull", "not found", 1000, last);
    const failure = { failures: 1, retryAt: 31_000, reason: "ErrImagePull", message: "not found" };
    expect(after).toEqual(memoryOf({ b: { failures: 3, retryAt: 7 }, a: failure }));
    expect(before.images.has(a)).toBe(false);
  });

  it("does not end the longer wait after an eviction", () => {
    const evicted = memoryOf({ a: { evictions: 3, retryAt: 3 * hours, goneAt: 0, reason: "evicted" } });
    expect(ofA(afterFailure(evicted, a, "x", "", 1000, last))).toMatchObject({
      ...{ failures: 1, evictions: 3, retryAt: 3 * hours, goneAt: 0 },
    });
  });

  it("says that the image is not there", () => {
    expect(ofA(afterFailure(memoryOf({ a: { pulledAt: 1 } }), a, "x", "", 2, 0))?.pulledAt).toBeUndefined();
  });
});

describe("afterPull", () => {
  it("resets failures", () => {
    const failed = memoryOf({
      a: { failures: 5, retryAt: 99, reason: "ErrImagePull", message: "not found" },
    });
    expect(afterPull(failed, a, 10, "")).toEqual(memoryOf({ a: { pulledAt: 10 } }));
  });

  it.each([
    ["under which the runtime lists it", sha("b"), sha("b")],
    ["that is its own, is none", a, ""],
    ["that is not told, is none", "", ""],
  ])("keeps a digest %s", (_, alias, kept) => {
    expect(ofA(afterPull(memoryOf({ a: { alias: sha("c") } }), a, 10, alias))?.alias).toBe(kept);
  });

  it.each([
    ["keeps evictions, so that the doubling goes on", 12 * hours, 3],
    ["forgets them after 12 h without one", 12 * hours + 1, 0],
  ])("%s", (_, now, evictions) => {
    const before = memoryOf({ a: { evictions: 3, retryAt: 6 * hours, goneAt: 0, reason: "evicted" } });
    expect(afterPull(before, a, now, "")).toEqual(memoryOf({ a: { evictions, goneAt: 0, pulledAt: now } }));
  });

  it("leaves other images alone", () => {
    const before = memoryOf({ b: { failures: 1 } });
    expect(afterPull(before, a, 10, "").images.get(sha("b"))).toBe(before.images.get(sha("b")));
    expect(before.images.size).toBe(1);
  });
});

describe("afterList: an image that was pulled at 10", () => {
  const before = memoryOf({ a: { pulledAt: 10, alias: sha("f") } });

  it.each<[string, readonly string[], { isReady?: boolean; isPartial?: boolean; readTime?: number }]>([
    ["is there by its digest", [byDigest("a")], {}],
    ["is there under a mirror's name", [`mirror.example/x@${a}`], {}],
    ["is there by the digest under which the runtime lists it", [byDigest("f")], {}],
    ["may not be listed yet", [byDigest("b")], { readTime: 9 }],
    ["may be hidden on a partial node", [byDigest("b")], { isPartial: true }],
    ["may not be listed by a kubelet that is silent", [byDigest("b")], { isReady: false }],
    ["may not be listed by a kubelet that has just started, and lists nothing", [], {}],
  ])("%s: nothing changes", (_, images, { isReady = true, isPartial = false, readTime = 10 }) => {
    const node = clusterNode("n1", images, { isReady });
    expect(afterList(before, node, readTime, isPartial, minutes, last)).toBe(before);
  });

  it.each([
    ["other digests", [byDigest("b")]],
    ["only its tag: that may be another image by now", [byTag("tag-a")]],
  ])("is gone where the node shows %s: evicted, for 10 min", (_, images) => {
    const after = afterList(before, clusterNode("n1", images), 10, false, minutes, last);
    expect(ofA(after)).toMatchObject({ evictions: 1, retryAt: 11 * minutes, goneAt: minutes });
    expect(ofA(after)).toMatchObject({ reason: "evicted", pulledAt: undefined });
    expect(ofA(before)?.pulledAt).toBe(10);
  });

  it.each([
    ["within an hour: evicted", 10 + hours, { evictions: 1, retryAt: 10 + hours + 10 * minutes }],
    ["later: it may be pulled at once", 11 + hours, { evictions: 0, retryAt: 0, reason: "" }],
  ])("is gone %s", (_, now, known) => {
    const after = afterList(before, clusterNode("n1", [byDigest("b")]), now, false, now, last);
    expect(ofA(after)).toMatchObject({ pulledAt: undefined, goneAt: now, ...known });
  });

  it("stays beside one that is gone", () => {
    const both = memoryOf({ a: { pulledAt: 10 }, b: { pulledAt: 10 }, c: { pulledAt: 99 } });
    const after = afterList(both, clusterNode("n1", [byDigest("a")]), 10, false, minutes, last);
    expect([...after.images.values()].map(({ pulledAt }) => pulledAt)).toEqual([10, undefined, 99]);
  });
});

describe("afterList: evictions", () => {
  it("are 10 min apart, doubling to 6 h", () => {
    const longest = [10, 20, 40, 80, 160, 320, 360, 360];
    expect(waitsOfEvictions(8, last).map((ms) => ms / minutes)).toEqual(longest);
    expect(waitsOfEvictions(8, 0).map((ms) => ms / minutes)).toEqual(longest.map((each) => each * 0.75));
  });
});

describe("afterList: an image that is listed though it was not seen to be pulled", () => {
  const node = clusterNode("n1", [byDigest("a")]);

  it.each([
    ["our pod could not start it", { failures: 3, retryAt: 9, reason: "CreateContainerConfigError" }, 0],
    ["it came back after an eviction, which counts on", { evictions: 2, goneAt: 3, retryAt: 9 }, 2],
  ])("counts as pulled: %s", (_, known, evictions) => {
    const after = afterList(memoryOf({ a: known }), node, 0, true, 100, last);
    expect(ofA(after)).toMatchObject({ failures: 0, retryAt: 0, reason: "", pulledAt: 100, evictions });
  });

  it("keeps the digest by which it is listed", () => {
    const failed = memoryOf({ b: { failures: 1, alias: a } });
    expect(afterList(failed, node, 0, false, 100, last)).toEqual(
      memoryOf({ b: { pulledAt: 100, alias: a } }),
    );
  });

  it("is nothing to remember where it was never tried", () => {
    expect(afterList(emptyMemory, node, 0, false, 100, last)).toBe(emptyMemory);
  });

  it("stays as it is where the node does not list it", () => {
    const failed = memoryOf({ b: { failures: 1, retryAt: 9 } });
    expect(afterList(failed, node, 50, false, 100, last)).toBe(failed);
  });
});

describe("keepOnly", () => {
  const both = memoryOf({ a: { failures: 3 }, b: { pulledAt: 1 } });

  it.each([
    ["what is wanted stays", [a, sha("b"), sha("c")], both],
    ["a digest that is no longer wanted is forgotten", [sha("b")], memoryOf({ b: { pulledAt: 1 } })],
    ["nothing wanted, nothing known", [], emptyMemory],
  ])("%s", (_, digests, kept) => {
    expect(keepOnly(both, new Set(digests))).toEqual(kept);
  });

  it("gives the same object where nothing is forgotten", () => {
    expect(keepOnly(both, new Set([a, sha("b")]))).toBe(both);
    expect(keepOnly(emptyMemory, new Set())).toBe(emptyMemory);
  });
});
