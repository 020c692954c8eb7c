/**
 * Lists of nodes that fail, and that are made again until they do not.
 */
import { describe, expect, it } from "vitest";
import { manualClock } from "../support/kubernetes-clock.ts";
import { open, seen, spoken, startFake } from "./support.ts";

describe("a list that fails", () => {
  it.each([
    ["by 500", { status: 500, message: "etcd is away" }, "GET /api/v1/nodes: 500: etcd is away"],
    ["by a proxy's 503", { status: 503, html: "<h1>no backend</h1>" }, "GET /api/v1/nodes: 503"],
    [
      "by 403",
      { status: 403, reason: "Forbidden", message: "no right" },
      "GET /api/v1/nodes: 403: Forbidden: no right",
    ],
    ["by a reset", "reset", "GET /api/v1/nodes: the connection was closed"],
    ["in the middle", "half", "GET /api/v1/nodes: the connection was closed"],
    ["with a page of HTML", "garbage", "GET /api/v1/nodes: "],
  ] as const)("is tried again %s, and told once", async (_, reply, message) => {
    const fake = await startFake();
    fake.addNode({ name: "n1" });
    const clock = manualClock();
    fake.fail("list nodes", reply, reply, reply);
    const cluster = await open(fake, {}, clock);
    const { nodes } = cluster.watched();
    for (const wait of [500, 1_000, 2_000]) await clock.passSleep(wait, wait);
    await nodes.listed;
    expect(nodes.items.size).toBe(1);
    expect(fake.count("list nodes")).toBe(4);
    fake.addNode({ name: "n2" });
    await seen(nodes, "n2", (node) => node !== undefined); // the watch is open
    const [first, last, ...more] = spoken(cluster.log);
    expect(first).toContain(`warn cannot read nodes, and tries again: ${message}`);
    expect([last, more]).toEqual(["info can read nodes again", []]);
  });

  it("waits for as long as the API server asks, and somewhat more", async () => {
    const fake = await startFake();
    const clock = manualClock();
    fake.fail("list nodes", { status: 429, reason: "TooManyRequests", retryAfter: 7 });
    const { nodes } = (await open(fake, {}, clock)).watched();
    await clock.passSleep(7_000, 7_500);
    await nodes.listed;
  });

  it("waits half a minute at most", async () => {
    const fake = await startFake();
    const clock = manualClock();
    fake.fail("list nodes", ...Array.from({ length: 12 }, () => ({ status: 500 })));
    const { nodes } = (await open(fake, {}, clock)).watched();
    for (let round = 1; round <= 12; round += 1) {
      await fake.arrival("list nodes", round);
      await clock.passSleep(500, 30_000);
    }
    await nodes.listed;
  });

  it("begins anew where the rest of it is not to be had any more", async () => {
    const fake = await startFake();
    for (let index = 0; index < 600; index += 1) fake.addNode({ name: `n-${index}` });
    const clock = manualClock();
    fake.fail("list nodes", "answer", (call) => {
      fake.removeNode("n-0");
      fake.compact();
      expect(call.query.get("continue")).not.toBe("");
      return "answer";
    });
    const { nodes } = (await open(fake, {}, clock)).watched();
    await clock.passSleep(500, 500);
    await nodes.listed;
    expect(nodes.items.size).toBe(599);
    expect(fake.count("list nodes")).toBe(4);
  });

  it("is not made without end where there is no right to watch", async () => {
    const fake = await startFake();
    fake.addNode({ name: "n1" });
    const clock = manualClock();
    fake.always("watch nodes", { status: 403, reason: "Forbidden", message: "no right to watch" });
    const cluster = await open(fake, {}, clock);
    const { nodes } = cluster.watched();
    for (const wait of [500, 1_000, 2_000, 4_000]) await clock.passSleep(wait, wait);
    await fake.arrival("list nodes", 5);
    expect(nodes.items.size).toBe(1);
    expect(spoken(cluster.log)).toEqual([
      "warn cannot read nodes, and tries again: GET /api/v1/nodes: 403: Forbidden: no right to watch",
    ]);
  });
});
