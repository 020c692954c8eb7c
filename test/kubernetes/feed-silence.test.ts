/**
 * Watches that say nothing, or nonsense, or end at once.
 */
import { describe, expect, it } from "vitest";
import { open, seen, spoken, startFake, theWatch, watching } from "./support.ts";

const there = (item: unknown) => item !== undefined;

describe("a watch", () => {
  it("that says nothing for five minutes, not even a bookmark, is begun from a new list", async () => {
    const { fake, nodes, clock } = await watching();
    theWatch(fake).silence();
    fake.addNode({ name: "n2" });
    await clock.pass(299_999);
    expect([fake.count("list nodes"), fake.watches("nodes").length]).toEqual([1, 1]);
    await clock.pass(1);
    await seen(nodes, "n2", there);
    expect(fake.count("list nodes")).toBe(2);
    await fake.arrival("watch nodes", 2);
    expect(fake.mostWatches("nodes")).toBe(1);
  });

  it("is not silent while there are bookmarks", async () => {
    const { fake, nodes, clock } = await watching();
    for (let minute = 0; minute < 10; minute += 1) {
      await clock.pass(60_000);
      theWatch(fake).bookmark();
      await heard(nodes, clock.now());
    }
    expect(fake.count("list nodes")).toBe(1);
  });

  it("that ends at once, again and again, is not begun without end", async () => {
    const { fake, clock } = await watching();
    theWatch(fake).end();
    for (let round = 2; round <= 5; round += 1) {
      const wait = 500 * 2 ** (round - 2);
      await clock.passSleep(wait, wait);
      await fake.arrival("watch nodes", round);
      theWatch(fake).end();
    }
    await clock.passSleep(8_000, 8_000);
    await fake.arrival("list nodes", 2);
  });

  it("whose lists expire at once, again and again, is not begun without end", async () => {
    const { fake, clock } = await watching();
    fake.always("watch nodes", { status: 410, reason: "Expired" });
    theWatch(fake).end();
    await clock.passSleep(500, 500); // it was short
    await fake.arrival("list nodes", 2); // at once
    for (let round = 3; round <= 5; round += 1) {
      await clock.passSleep(1_000, 30_000);
      await fake.arrival("list nodes", round);
    }
  });

  it.each([
    ["no JSON", "<h1>hello</h1>"],
    ["JSON, but no event", "[]"],
    ["an event of no type", JSON.stringify({ object: {} })],
    [
      "an event of an unknown type",
      JSON.stringify({ type: "RENAMED", object: { metadata: { name: "n9" } } }),
    ],
    ["an event without an object", JSON.stringify({ type: "ADDED" })],
    ["an object without metadata", JSON.stringify({ type: "MODIFIED", object: {} })],
    ["a node without a name", JSON.stringify({ type: "DELETED", object: { metadata: { uid: "u" } } })],
    ["a bookmark without a version", JSON.stringify({ type: "BOOKMARK", object: null })],
  ])("that says %s is heard on, and that is told once", async (what, line) => {
    const { fake, nodes, log } = await watching();
    for (let times = 0; times < 3; times += 1) theWatch(fake).send(line);
    fake.addNode({ name: "n2" });
    await seen(nodes, "n2", there);
    expect([...nodes.items.keys()]).toEqual(["n1", "n2"]);
    expect(spoken(log)).toHaveLength(what.startsWith("a bookmark") ? 0 : 1);
    expect(fake.count("watch nodes")).toBe(1);
  });

  it("that says that something is wrong inside the API server is begun again", async () => {
    const { fake, nodes, clock, log } = await watching();
    const error = { type: "ERROR", object: { code: 500, reason: "InternalError", message: "cannot decode" } };
    theWatch(fake).send(JSON.stringify(error));
    await clock.passSleep(500, 1_000);
    fake.addNode({ name: "n2" });
    await seen(nodes, "n2", there);
    expect(log.join("\n")).toContain("GET /api/v1/nodes: 500: InternalError: cannot decode");
  });

  it("ends with its signal, and nothing is asked any more", async () => {
    const fake = await startFake();
    const ending = new AbortController();
    const { nodes } = (await open(fake)).watch(ending.signal);
    await nodes.listed;
    await fake.arrival("watch nodes", 1);
    await fake.arrival("watch pods", 1);
    const closed = fake.allWatchesClosed();
    ending.abort(new Error("the lease is lost"));
    await closed;
    const asked = fake.requests.length;
    fake.addNode({ name: "n2" });
    await new Promise(setImmediate);
    expect(fake.requests.length).toBe(asked);
    expect(nodes.items.has("n2")).toBe(false);
  });
});

/** Waits until something was heard at that time. */
async function heard(feed: { readonly readTime: number }, time: number): Promise<void> {
  while (feed.readTime < time) await new Promise(setImmediate);
}
