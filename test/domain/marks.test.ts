import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addMark,
  allMarks,
  type Mark,
  type Marks,
  maxMarkedNodes,
  noMarks,
  settleMarks,
} from "../../src/domain/marks.ts";
import type { Node } from "../../src/domain/node-cache.ts";
import { byDigest, indexNodes, lab, marksOf, node, nodeCache, sha } from "../support/domain.ts";

const a = sha("a");

function mark(
  nodeName: string,
  time: number,
  { key = a, size = 0 }: { key?: string; size?: number } = {},
): Mark {
  return { key, node: nodeName, time, size };
}

function settled(marks: Marks, readTime: number, ...nodes: readonly Node[]): Marks {
  const index = indexNodes(nodeCache(readTime, ...nodes), lab.repository);
  return settleMarks(marks, index, (key, name) => index.listing(key)?.nodes.has(name) ?? false);
}

describe("addMark", () => {
  it("keeps a mark by key and node", () => {
    const marks = marksOf(mark("n1", 1), mark("n2", 2), mark("n1", 3, { key: "w_2077_43", size: 7 }));
    expect(marks.byKey.get(a)?.byNode.toJS()).toEqual({ n1: mark("n1", 1), n2: mark("n2", 2) });
    expect(marks.byKey.get("w_2077_43")?.byNode.toJS()).toEqual({
      n1: mark("n1", 3, { key: "w_2077_43", size: 7 }),
    });
    expect([...allMarks(marks)]).toHaveLength(3);
  });

  it.each([
    ["marking again renews the time", [mark("n1", 1), mark("n1", 5)], mark("n1", 5)],
    [
      "and the size, if it tells one",
      [mark("n1", 1, { size: 7 }), mark("n1", 5, { size: 3 })],
      mark("n1", 5, { size: 3 }),
    ],
    ["else the size stays", [mark("n1", 1, { size: 7 }), mark("n1", 5)], mark("n1", 5, { size: 7 })],
  ])("%s", (_, made, kept) => {
    expect([...allMarks(marksOf(...made))]).toEqual([kept]);
  });

  it("leaves the marks that it was given as they were", () => {
    const before = marksOf(mark("n1", 1));
    addMark(before, mark("n2", 2));
    addMark(before, mark("n1", 3));
    expect([...allMarks(before)]).toEqual([mark("n1", 1)]);
  });

  it("has at most as many marked nodes as a node cache may have", () => {
    expect(maxMarkedNodes).toBe(20_000);
  });

  it.each([
    ["beyond the limit the oldest node goes", ["n1", "n2", "n3"], ["n2", "n3"]],
    ["marking again makes a node the youngest", ["n1", "n2", "n1", "n3"], ["n1", "n3"]],
    ["at the limit none goes", ["n1", "n2", "n2", "n1"], ["n2", "n1"]],
  ])("%s", (_, order, kept) => {
    const marks = order.reduce((all, name, time) => addMark(all, mark(name, time), 2), noMarks);
    expect([...allMarks(marks)].map(({ node }) => node)).toEqual(kept);
    expect([...(marks.byKey.get(a)?.byNode.keys() ?? [])].sort()).toEqual([...kept].sort());
  });

  it("the node that goes loses all its marks, and images count for nothing", () => {
    const made = [mark("n1", 1), mark("n1", 2, { key: sha("b") }), mark("n2", 3), mark("n3", 4)];
    const marks = made.reduce((all, one) => addMark(all, one, 2), noMarks);
    expect([...allMarks(marks)].map(({ key, node }) => [key, node])).toEqual([
      [a, "n2"],
      [a, "n3"],
    ]);
    expect(marks.byKey.get(sha("b"))).toBeUndefined();
  });
});

describe("settleMarks: a mark made at 10", () => {
  const made = mark("n1", 10, { size: 7 });

  it.each<[string, number, readonly Node[], boolean]>([
    ["ends where a later reading lists the image", 11, [node("n1", [byDigest("a")])], false],
    ["ends where a later reading does not list it", 11, [node("n1", [byDigest("b")])], false],
    ["ends where the node is not there any more", 11, [node("n2")], false],
    ["ends where there are no nodes any more", 11, [], false],
    ["stays where the reading is from before it", 9, [node("n1")], true],
    ["stays where the reading is from the same time: it was not read after it", 10, [node("n1")], true],
    ["stays where an earlier reading lacks the node: it may have joined since", 9, [node("n2")], true],
    ["stays where an earlier reading lists the image", 9, [node("n1", [byDigest("a")])], true],
    [
      "stays on a partial node that does not list the image",
      11,
      [node("n1", [byDigest("b")], { partial: true })],
      true,
    ],
    ["ends on a partial node that lists it", 11, [node("n1", [byDigest("a")], { partial: true })], false],
    ["ends where the node was created after it", 11, [node("n1", [], { createTime: 11 })], false],
    ["ends so on a partial node too", 12, [node("n1", [], { createTime: 11, partial: true })], false],
    ["ends so also where the reading is from before it", 9, [node("n1", [], { createTime: 11 })], false],
    [
      "stays on a partial node that was created before it",
      11,
      [node("n1", [], { createTime: 9, partial: true })],
      true,
    ],
    [
      "stays on a partial node that was created at the same time",
      11,
      [node("n1", [], { createTime: 10, partial: true })],
      true,
    ],
  ])("%s", (_, readTime, nodes, stays) => {
    const marks = settled(marksOf(made), readTime, ...nodes);
    expect([...allMarks(marks)]).toEqual(stays ? [made] : []);
    expect(marks.byKey.size).toBe(stays ? 1 : 0);
    expect(marks.byNode.size).toBe(stays ? 1 : 0);
  });

  it("ends alone: what was marked later on the same node stays", () => {
    const later = mark("n1", 12, { key: sha("b") });
    expect([...allMarks(settled(marksOf(made, later), 11, node("n1")))]).toEqual([later]);
  });

  it("is asked about by its key, which may be a tag", () => {
    const tagged = mark("n1", 10, { key: "w_2077_43" });
    const lists = node("n1", ["r.example/sciplat/lab:w_2077_43"], { partial: true });
    expect([...allMarks(settled(marksOf(tagged), 11, lists))]).toEqual([]);
    expect([...allMarks(settled(marksOf(tagged), 11, node("n1", [], { partial: true })))]).toEqual([tagged]);
  });
});

describe("any sequence of marks and readings", () => {
  const names = fc.constantFrom("n1", "n2", "n3", "n4");
  const keys = fc.constantFrom("a", "b", "c");
  const adding = fc.record({ name: names, hex: keys, size: fc.constantFrom(0, 0, 3, 7) });
  const reading = fc.record({
    readTime: fc.integer({ min: -1, max: 30 }),
    nodes: fc.uniqueArray(
      fc.record({
        name: names,
        held: fc.uniqueArray(keys),
        partial: fc.boolean(),
        createTime: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
      }),
      { selector: ({ name }) => name },
    ),
  });
  const limit = 3;

  it("ends as in a plain list of marks", () => {
    let settledSome = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ arbitrary: adding, weight: 3 }, { arbitrary: reading, weight: 1 }), {
          maxLength: 25,
        }),
        (steps) => {
          let marks = noMarks;
          /** In the order of their last marking. */
          let plain: Mark[] = [];
          steps.forEach((step, time) => {
            if ("hex" in step) {
              const one = mark(step.name, time, { key: sha(step.hex), size: step.size });
              marks = addMark(marks, one, limit);
              const old = plain.find(({ key, node }) => key === one.key && node === one.node);
              plain = [
                ...plain.filter((other) => other !== old),
                { ...one, size: one.size || (old?.size ?? 0) },
              ];
              const recent = [...new Set(plain.map(({ node }) => node).reverse())].slice(0, limit);
              plain = plain.filter(({ node }) => recent.includes(node));
            } else {
              const nodes = step.nodes.map(({ name, held, ...parts }) =>
                node(name, held.map(byDigest), parts),
              );
              marks = settled(marks, step.readTime, ...nodes);
              plain = plain.filter((one) => {
                const now = nodes.find(({ name }) => name === one.node);
                const isListed = now?.images.some(({ names }) => names[0]?.endsWith(one.key)) ?? false;
                if (now?.createTime !== undefined && now.createTime > one.time) {
                  return false;
                }
                return step.readTime <= one.time || (now?.partial === true && !isListed);
              });
              settledSome += 1;
            }
            const all = [...allMarks(marks)];
            const byText = (x: Mark, y: Mark) => (x.node + x.key < y.node + y.key ? -1 : 1);
            expect(all.toSorted(byText)).toEqual(plain.toSorted(byText));
            expect(
              [...marks.byKey.values()].flatMap((ofKey) => [...ofKey.byNode.values()]).sort(byText),
            ).toEqual(plain.toSorted(byText));
            expect(
              marks.byKey.every(
                ({ byNode, size }, key) =>
                  byNode.size > 0 &&
                  size === Math.max(...[...byNode.values()].map((one) => one.size)) &&
                  byNode.every((one, name) => one.key === key && one.node === name),
              ),
            ).toBe(true);
          });
        },
      ),
      { numRuns: 500 },
    );
    expect(settledSome).toBeGreaterThan(0);
  });
});
