/** Nodes that wait for their turn, or for their time. */
import { expect, it } from "vitest";
import { NodeQueue } from "../../src/prepuller/node-queue.ts";
import { manualClock } from "../support/kubernetes-clock.ts";

function queue() {
  const clock = manualClock();
  let woken = 0;
  const made = new NodeQueue(clock, () => {
    woken += 1;
  });
  const drain = () => {
    const names: string[] = [];
    for (let name = made.next(); name !== undefined; name = made.next()) names.push(name);
    return names;
  };
  return { made, clock, drain, woken: () => woken };
}

it("gives each node once, in the order in which they came", () => {
  const { made, drain } = queue();
  for (const name of ["b", "a", "b", "c"]) made.add(name);
  expect(drain()).toEqual(["b", "a", "c"]);
  expect(made.isEmpty).toBe(true);
});

it("gives a node when its time has come, and tells of it", async () => {
  const { made, clock, drain, woken } = queue();
  made.addLater("a", 1_000);
  expect(made.isEmpty).toBe(false);
  await clock.pass(999);
  expect([drain(), woken()]).toEqual([[], 0]);
  await clock.pass(1);
  expect([drain(), woken()]).toEqual([["a"], 1]);
  expect(made.isEmpty).toBe(true);
});

it("forgets an earlier time for a later one, and any for now", async () => {
  const { made, clock, drain, woken } = queue();
  made.addLater("a", 1_000);
  made.addLater("a", 5_000);
  made.addLater("b", 1_000);
  made.add("b");
  expect(drain()).toEqual(["b"]);
  await clock.pass(4_999);
  expect(woken()).toBe(0);
  await clock.pass(1);
  expect(drain()).toEqual(["a"]);
});

it("forgets what is removed, and all of it when it is cleared", async () => {
  const { made, clock, drain, woken } = queue();
  made.add("a");
  made.addLater("b", 1_000);
  made.remove("a");
  made.remove("b");
  expect(made.isEmpty).toBe(true);
  made.add("c");
  made.addLater("d", 1_000);
  made.clear();
  expect(made.isEmpty).toBe(true);
  await clock.pass(10_000);
  expect([drain(), woken(), clock.sleeps()]).toEqual([[], 0, []]);
});
