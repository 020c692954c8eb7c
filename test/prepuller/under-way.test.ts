/** The pulls that are under way, counted by those that are waited for. */
import { expect, it } from "vitest";
import { PullsUnderWay } from "../../src/prepuller/under-way.ts";

const pull = (node: string, isStuck = false) => ({
  node,
  reference: "lab:1",
  digest: "sha256:1",
  since: 0,
  isStuck,
});

it("counts what is waited for, and knows busy nodes", () => {
  const pulls = new PullsUnderWay();
  const one = pull("n1");
  pulls.add(one);
  expect([pulls.active, pulls.isBusy("n1"), pulls.isBusy("n2")]).toEqual([1, true, false]);
  pulls.remove(one);
  expect([pulls.active, pulls.isBusy("n1"), pulls.all]).toEqual([0, false, []]);
});

it("does not wait for what is stuck, whose node is busy all the same", () => {
  const pulls = new PullsUnderWay();
  const one = pull("n1");
  pulls.add(one);
  pulls.setStuck(one);
  pulls.setStuck(one);
  expect([pulls.active, pulls.isBusy("n1"), one.isStuck]).toEqual([0, true, true]);
  pulls.remove(one);
  expect([pulls.active, pulls.isBusy("n1")]).toEqual([0, false]);
});

it("keeps a node busy until the last of its pulls has ended, as after a restart", () => {
  const pulls = new PullsUnderWay();
  const [one, two] = [pull("n1", true), pull("n1")];
  pulls.add(one);
  pulls.add(two);
  expect(pulls.active).toBe(1);
  pulls.remove(two);
  pulls.remove(two);
  expect([pulls.active, pulls.isBusy("n1")]).toEqual([0, true]);
  pulls.remove(one);
  expect(pulls.isBusy("n1")).toBe(false);
});

it("does not make stuck what has ended", () => {
  const pulls = new PullsUnderWay();
  const one = pull("n1");
  pulls.setStuck(one);
  expect([pulls.active, one.isStuck]).toEqual([0, false]);
});
