/**
 * Watches that end before their time, and that nothing is lost by that.
 */
import { describe, expect, it } from "vitest";
import type { ClusterNode } from "../../src/domain/cluster-node.ts";
import type { Feed } from "../../src/kubernetes/cluster.ts";
import type { FakeKubernetes } from "../support/kubernetes-api.ts";
import { seen, spoken, theWatch, watching } from "./support.ts";

const there = (item: unknown) => item !== undefined;
const gone = (item: unknown) => item === undefined;

describe("a watch", () => {
  it("that is closed goes on from where it was, without a list", async () => {
    const { fake, nodes } = await watching();
    fake.addNode({ name: "n2" });
    await seen(nodes, "n2", there);
    theWatch(fake).end();
    await fake.arrival("watch nodes", 2);
    fake.addNode({ name: "n3" });
    await seen(nodes, "n3", there);
    expect(fake.count("list nodes")).toBe(1);
    expect(fake.requests.at(-1)?.query.get("resourceVersion")).toBe("3");
  });

  it("that is closed goes on from the last bookmark", async () => {
    const { fake, nodes } = await watching();
    fake.store.create("leases", { metadata: { namespace: "x", name: "y" } });
    fake.store.create("leases", { metadata: { namespace: "x", name: "z" } });
    theWatch(fake).bookmark();
    fake.addNode({ name: "n2" }); // told after the bookmark, and so it has been read
    await seen(nodes, "n2", there);
    theWatch(fake).end();
    await fake.arrival("watch nodes", 2);
    expect(fake.requests.at(-1)?.query.get("resourceVersion")).toBe("5");
  });

  it("misses nothing that happens while it is closed", async () => {
    const { fake, nodes, clock } = await watching();
    fake.fail("watch nodes", { status: 503 });
    theWatch(fake).end();
    await clock.passSleep(500, 500); // it was short
    await fake.arrival("watch nodes", 2);
    fake.addNode({ name: "n2" });
    await clock.passSleep(500, 500);
    await seen(nodes, "n2", there);
    expect(fake.count("list nodes")).toBe(1);
  });

  it.each([
    ["is reset", (fake: FakeKubernetes) => theWatch(fake).reset()],
    [
      "is cut off with the API server",
      async (fake: FakeKubernetes) => {
        await fake.stop();
        await fake.start();
      },
    ],
  ])("that %s goes on, is told once, and that it is over", async (_, breakIt) => {
    const { fake, nodes, clock, log } = await watching();
    await breakIt(fake);
    await clock.passSleep(500, 1_000);
    await fake.arrival("watch nodes", 2);
    fake.addNode({ name: "n2" });
    await seen(nodes, "n2", there);
    const said = spoken(log).filter((line) => line.includes("nodes"));
    expect(said[0]).toContain(
      "warn cannot read nodes, and tries again: GET /api/v1/nodes: the connection was closed",
    );
    expect(said.slice(1)).toEqual(["info can read nodes again"]);
    expect(fake.count("list nodes")).toBe(1);
  });

  it("that gets 410 Gone as an event is begun from a new list, which shows what was missed", async () => {
    const { fake, nodes } = await watching();
    fake.fail("list nodes", () => {
      // What the watch did not tell: it is over.
      fake.addNode({ name: "n2" });
      fake.removeNode("n1");
      return "answer";
    });
    await missed(nodes, () => theWatch(fake).expire());
    expect(fake.mostWatches("nodes")).toBe(1);
  });

  it("that gets 410 Gone as an answer, too", async () => {
    const { fake, nodes, clock } = await watching();
    await missed(nodes, () => {
      theWatch(fake).silence();
      fake.addNode({ name: "n2" });
      fake.removeNode("n1");
      fake.compact();
      theWatch(fake).end();
      void clock.passSleep(500, 500); // it was short
    });
    expect(fake.count("list nodes")).toBe(2);
    expect(fake.mostWatches("nodes")).toBe(1);
  });
});

/** Whoever listens is told of the node that came and of the one that went. */
async function missed(nodes: Feed<ClusterNode>, happen: () => void): Promise<void> {
  const told: string[] = [];
  nodes.onChange((before, after) => told.push(`${before?.name} ${after?.name}`));
  happen();
  await seen(nodes, "n2", there);
  await seen(nodes, "n1", gone);
  expect(told).toEqual(["n1 undefined", "undefined n2"]);
}
