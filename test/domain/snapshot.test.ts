import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { imageAnswer, menuEntries, prepulledEntries } from "../../src/domain/answers.ts";
import { aliasesOf } from "../../src/domain/image.ts";
import { imageTypes } from "../../src/domain/image-type.ts";
import { addMark, allMarks, type Mark, type Marks, settleMarks } from "../../src/domain/marks.ts";
import type { NodeCache } from "../../src/domain/node-cache.ts";
import { isListed, isPrepulled } from "../../src/domain/presence.ts";
import {
  placeResolved,
  receiveMark,
  receiveNodeCache,
  type Snapshot,
  type SnapshotData,
  snapshotOf,
} from "../../src/domain/snapshot.ts";
import {
  byDigest,
  byTag,
  data,
  day,
  indexNodes,
  listed,
  marksOf,
  node,
  nodeCache,
  oneDay,
  options,
  policy,
  sha,
  snapshot,
  tag,
  texts,
} from "../support/domain.ts";
import { listings } from "../support/domain-arbitraries.ts";

const weekly = listed("w_2077_45", { digest: "a" });

describe("the tags that are known", () => {
  const tags = [
    listed("recommended"),
    listed("latest_c0045"),
    listed("w_2077_45"),
    listed("w_2077_44_c0045.003"),
    listed("w_2077_43_c0046.001"),
  ];

  it.each([
    [
      "all without a cycle",
      undefined,
      ["recommended", "latest_c0045", "w_2077_45", "w_2077_44_c0045.003", "w_2077_43_c0046.001"],
    ],
    [
      "with one those that name it; recommended, pinned and alias tags are no exception",
      45,
      ["latest_c0045", "w_2077_44_c0045.003"],
    ],
    ["none of a cycle that no tag names", 47, []],
  ] as const)("%s", (_, cycle, known) => {
    const given = options({ cycle, pin: ["w_2077_45"], aliasTags: ["latest_c0045"] });
    expect(texts(snapshot({ tags, options: given }).collection.images).sort()).toEqual([...known].sort());
  });

  it.each([
    ["the recommended tag is an alias", { recommendedTag: "latest" }, "latest", "alias", "Latest"],
    ["an alias tag is an alias", { aliasTags: ["latest"] }, "latest", "alias", "Latest"],
    ["other tags are what their text says", {}, "latest", "unknown", "latest"],
    [
      "a weekly stays one, also as the recommended tag",
      { recommendedTag: "w_2077_43" },
      "w_2077_43",
      "weekly",
      "Weekly 2077_43",
    ],
    ["a pinned tag stays what it is", { pin: ["latest"] }, "latest", "unknown", "latest"],
  ] as const)("%s", (_, given, text, type, displayName) => {
    const [known] = snapshot({ tags: [listed(text)], options: options(given) }).collection.images;
    expect(known?.tag).toMatchObject({ text, type, displayName });
  });
});

describe("a snapshot of a registry whose tags are resolved one by one", () => {
  const tags = [
    listed("recommended", { digest: "b" }),
    listed("latest"),
    listed("stranger", { digest: "a" }),
    listed("w_2077_46-arm64", { digest: "e" }),
    weekly,
    listed("w_2077_44"),
    listed("w_2077_43", { digest: "c" }),
    listed("d_2077_11_18"),
    listed("r30_0_0", { digest: "d" }),
  ];
  const made = snapshot({ tags, options: options({ aliasTags: ["latest"], pin: ["w_2077_46-arm64"] }) });

  it("knows all tags, in order, and counts those that are resolved", () => {
    expect(texts(made.collection.images)).toEqual([
      ...["stranger", "recommended", "latest", "r30_0_0"],
      ...["w_2077_46-arm64", "w_2077_45", "w_2077_44", "w_2077_43", "d_2077_11_18"],
    ]);
    expect(made.collection.digestCount).toBe(6);
  });

  it("a tag that is not resolved is what its text says, and in nobody's aliases", () => {
    expect(made.collection.byTag("w_2077_44")).toMatchObject({ digest: undefined, aliasTarget: undefined });
    expect(made.collection.images.flatMap(aliasesOf)).not.toContain("latest");
  });

  it("a resolved alias whose target is not resolved keeps its plain name", () => {
    expect(made.collection.byTag("recommended")).toMatchObject({
      aliasTarget: undefined,
      tag: { displayName: "Recommended" },
    });
  });

  it("chosen is what is resolved, in order; what is not is not replaced by the next in line", () => {
    expect(texts(made.choice.images)).toEqual(["recommended", "r30_0_0", "w_2077_46-arm64", "w_2077_45"]);
    expect(made.warnings).toEqual([]);
  });

  it.each([
    ["a chosen image", "w_2077_45", true],
    ["another tag of its digest", "stranger", true],
    ["one that is not chosen", "w_2077_43", false],
    ["one that would be chosen, and is not resolved", "w_2077_44", false],
    ["one that is pinned for an architecture", "w_2077_46-arm64", true],
  ])("isWanted: %s", (_, text, wanted) => {
    const image = made.collection.byTag(text);
    expect(image && made.choice.isWanted(image)).toBe(wanted);
  });

  it("the menu hides what is made for an architecture, wanted or not", () => {
    expect(texts(made.menu)).toEqual(
      texts(made.collection.images).filter((text) => !text.endsWith("-arm64")),
    );
  });

  it("unknown: hide hides what would turn out to be an alias, while it is not resolved", () => {
    const filter = { policies: {}, hideUnknown: true };
    const hiding = snapshot({ tags: [weekly, listed("stranger", { digest: "a" }), listed("odd")], filter });
    expect(texts(hiding.menu)).toEqual(["stranger", "w_2077_45"]);
    expect(texts(hiding.collection.images)).toEqual(["stranger", "w_2077_45", "odd"]);
  });

  it("the cycle is applied before counting", () => {
    const cycle = snapshot({
      tags: [
        weekly,
        listed("w_2077_44_c0045.003", { digest: "b" }),
        listed("w_2077_43_c0045.001", { digest: "c" }),
      ],
      options: options({ cycle: 45, numWeeklies: 1 }),
    });
    expect(texts(cycle.collection.images)).toEqual(["w_2077_44_c0045.003", "w_2077_43_c0045.001"]);
    expect(texts(cycle.choice.images)).toEqual(["w_2077_44_c0045.003"]);
    expect(texts(cycle.menu)).toEqual(["w_2077_44_c0045.003", "w_2077_43_c0045.001"]);
    expect(cycle.collection.byDigest(sha("a"))).toBeUndefined();
  });

  it("a pinned tag that does not exist, or not in the cycle, is a warning", () => {
    const { warnings } = snapshot({ tags: [weekly], options: options({ cycle: 45, pin: ["w_2077_45"] }) });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("w_2077_45");
  });

  it("'now' of the menu is the time of the listing", () => {
    const filter = { policies: { weekly: policy({ age: oneDay }) }, hideUnknown: false };
    const at = (time: number) => texts(snapshot({ tags: [weekly], filter, time }).menu);
    expect(at(day("2077-11-12"))).toEqual(["w_2077_45"]);
    expect(at(day("2077-11-12") + 1)).toEqual([]);
  });
});

describe("a snapshot of a source that tells everything", () => {
  it("an image without a digest is chosen and wanted by its tag", () => {
    const made = snapshot({
      tags: [listed("w_2077_45"), listed("w_2077_44"), listed("w_2077_43")],
      resolvesOnDemand: false,
    });
    expect(texts(made.choice.images)).toEqual(["w_2077_45", "w_2077_44"]);
    expect(made.collection.images.map((image) => made.choice.isWanted(image))).toEqual([true, true, false]);
  });
});

describe("a later snapshot", () => {
  const before = snapshot({
    tags: [weekly],
    nodeCache: nodeCache(1, node("n1"), node("n2", [byDigest("a")])),
  });
  const image = before.collection.images[0];

  it("has a mark at once, and the earlier one does not", () => {
    const marks = marksOf({ key: sha("a"), node: "n1", time: 2, size: 7 });
    const after = snapshotOf({ ...before.data, marks }, before);
    expect(image && after.presence.nodes(image)).toEqual(["n1", "n2"]);
    expect(image && after.presence.size(image)).toBe(7);
    expect(image && before.presence.nodes(image)).toEqual(["n2"]);
  });

  it("drops the marks that a later node cache outlives, and keeps those that were made since", () => {
    const marks = marksOf(
      { key: sha("a"), node: "n1", time: 2, size: 0 },
      { key: sha("a"), node: "n3", time: 4, size: 0 },
    );
    const marked = snapshotOf({ ...before.data, marks }, before);
    const after = receiveNodeCache(marked, nodeCache(3, node("n1"), node("n3")));
    expect([...allMarks(after.data.marks)].map((one) => one.node)).toEqual(["n3"]);
    expect(image && after.presence.nodes(image)).toEqual(["n3"]);
    expect(image && marked.presence.nodes(image)).toEqual(["n1", "n2", "n3"]);
  });

  it("is the same with an earlier one as without, whatever the times of marks and node cache say", () => {
    const marks = marksOf({ key: sha("a"), node: "n1", time: 0, size: 0 });
    const after = { ...before.data, marks };
    const nodes = [snapshotOf(after, before), snapshotOf(after)].map(
      (made) => image && made.presence.nodes(image),
    );
    expect(nodes[0]).toEqual(nodes[1]);
  });

  it("on a partial node the digest of a platform ends a mark too", () => {
    const tags = [listed("w_2077_45", { digest: "a", platforms: ["a1"] })];
    const marks = marksOf({ key: sha("a"), node: "n1", time: 2, size: 0 });
    const reading = (time: number, hex: string) =>
      nodeCache(time, node("n1", [byDigest(hex)], { partial: true }));
    const kept = snapshot({ tags, marks, nodeCache: reading(3, "b") });
    const ended = receiveNodeCache(kept, reading(4, "a1"));
    const gone = receiveNodeCache(ended, reading(5, "b"));
    const states = [kept, ended, gone].map((made) =>
      made.collection.images.map((one) => made.presence.counts(one)),
    );
    expect(states).toEqual([
      [{ present: 1, missing: 0, unknown: 0 }],
      [{ present: 1, missing: 0, unknown: 0 }],
      [{ present: 0, missing: 0, unknown: 1 }],
    ]);
  });

  it("a mark holds for a tag that leaves the listing and comes back", () => {
    const marks = marksOf({ key: sha("a"), node: "n1", time: 2, size: 0 });
    const marked = snapshotOf({ ...before.data, marks }, before);
    const without = snapshotOf({ ...marked.data, listing: { tags: [], time: 3 } }, marked);
    const again = snapshotOf({ ...without.data, listing: { tags: [weekly], time: 4 } }, without);
    expect(without.collection.images).toEqual([]);
    expect(again.collection.images.map((one) => again.presence.nodes(one))).toEqual([["n1", "n2"]]);
  });

  it("has the menu of its own time, also where the same tags were read again", () => {
    const filter = { policies: { weekly: policy({ age: oneDay }) }, hideUnknown: false };
    const from = snapshot({ tags: [weekly], filter, time: day("2077-11-12") });
    const after = snapshotOf(
      { ...from.data, listing: { ...from.data.listing, time: day("2077-11-13") } },
      from,
    );
    expect(after.collection).toBe(from.collection);
    expect([texts(from.menu), texts(after.menu)]).toEqual([["w_2077_45"], []]);
  });

  it("has the menu of its own recommended tag, also where the names of all aliases stay", () => {
    const filter = { policies: { weekly: policy({ number: 0 }) }, hideUnknown: false };
    const named = { recommendedTag: "w_2077_45", aliasTags: ["latest"] };
    const from = snapshot({ tags: [weekly], filter, options: options(named) });
    const swapped = options({ recommendedTag: "latest", aliasTags: ["w_2077_45"] });
    const after = snapshotOf({ ...from.data, options: swapped }, from);
    expect([texts(from.menu), texts(after.menu)]).toEqual([["w_2077_45"], []]);
    expect([texts(from.choice.images), texts(after.choice.images)]).toEqual([["w_2077_45"], ["w_2077_45"]]);
    expect([from.warnings.length, after.warnings.length]).toEqual([0, 1]);
  });

  it("options that come later choose among what is resolved", () => {
    const from = snapshot({
      tags: [weekly, listed("w_2077_44"), listed("w_2077_43", { digest: "c" })],
      options: options({ numWeeklies: 1 }),
    });
    const after = snapshotOf({ ...from.data, options: options({ numWeeklies: 3 }) }, from);
    expect(texts(from.choice.images)).toEqual(["w_2077_45"]);
    expect(texts(after.choice.images)).toEqual(["w_2077_45", "w_2077_43"]);
  });
});

describe("images that are read before a snapshot", () => {
  const tags = [weekly, listed("latest", { digest: "a" }), listed("w_2077_44_c0045.003")];
  const read = snapshot({ tags });

  it("are those of the snapshot", () => {
    expect(read.collection.images).toEqual(snapshot({ tags }).collection.images);
    expect(snapshotOf(data({ tags }), read).collection.images).toEqual(read.collection.images);
  });

  it.each([
    ["fit the tags and options that they were read with", tags, options(), true],
    [
      "fit options that only choose otherwise",
      tags,
      options({ numWeeklies: 9, numReleases: 0, pin: ["latest"] }),
      true,
    ],
    ["do not fit other tags", [weekly], options(), false],
    ["do not fit another cycle", tags, options({ cycle: 45 }), false],
    ["do not fit another alias tag", tags, options({ aliasTags: ["latest"] }), false],
    ["do not fit another recommended tag", tags, options({ recommendedTag: "latest" }), false],
    ["do not fit no recommended tag", tags, options({ recommendedTag: "" }), false],
    [
      "fit the same names in other places",
      tags,
      options({ recommendedTag: "", aliasTags: ["recommended"] }),
      true,
    ],
  ])("%s", (_, others, given, fit) => {
    const made = snapshotOf(data({ tags: others, options: given }), read);
    expect(made.collection === read.collection).toBe(fit);
    expect(made.collection.images).toEqual(snapshot({ tags: others, options: given }).collection.images);
  });
});

describe("placeResolved", () => {
  const made = snapshot({
    tags: [
      weekly,
      listed("latest"),
      listed("stranger"),
      listed("w_2077_44"),
      listed("w_2077_43", { digest: "c" }),
    ],
    options: options({ aliasTags: ["latest"] }),
  });

  it.each([
    [
      "an alias of a known image",
      "latest",
      "a",
      "alias",
      "Latest (Weekly 2077_45)",
      "w_2077_45",
      ["w_2077_45"],
    ],
    ["an alias of none", "latest", "f", "alias", "Latest", undefined, []],
    [
      "what is unknown becomes an alias",
      "stranger",
      "a",
      "alias",
      "Stranger (Weekly 2077_45)",
      "w_2077_45",
      ["w_2077_45"],
    ],
    ["what is unknown stays so", "stranger", "f", "unknown", "stranger", undefined, []],
    ["another name of a known image", "w_2077_44", "a", "weekly", "Weekly 2077_44", undefined, ["w_2077_45"]],
    ["a tag that has moved", "w_2077_43", "a", "weekly", "Weekly 2077_43", undefined, ["w_2077_45"]],
    ["a tag that has moved away from all", "w_2077_45", "f", "weekly", "Weekly 2077_45", undefined, []],
  ] as const)("%s", (_, text, hex, type, displayName, aliasTarget, aliases) => {
    const placed = placeResolved(made, text, sha(hex));
    expect(placed).toMatchObject({ digest: sha(hex), aliasTarget, tag: { text, type, displayName } });
    expect(aliasesOf(placed)).toEqual(aliases);
  });

  it("has the presence of its digest", () => {
    const from = snapshotOf({
      ...made.data,
      nodeCache: nodeCache(1, node("n1", [{ names: [byDigest("f")], size: 7 }])),
    });
    const answer = imageAnswer(from, placeResolved(from, "w_2077_44", sha("f")));
    expect(answer).toMatchObject({
      nodes: ["n1"],
      size: 7,
      reference: `r.example/sciplat/lab:w_2077_44@${sha("f")}`,
    });
  });
});

/** Everything that is answered from a snapshot. */
function answersOf(made: Snapshot) {
  const asked = ["n4", "n1", "n9"];
  return {
    images: made.collection.images.map((image) => ({
      answer: imageAnswer(made, image),
      byTag: made.collection.byTag(image.tag.text),
      byDigest: image.digest && made.collection.byDigest(image.digest),
      counts: made.presence.counts(image),
      states: made.presence.states(image),
      askedCounts: made.presence.counts(image, new Set(asked)),
      askedStates: made.presence.states(image, new Set(asked)),
      size: made.presence.size(image),
      wanted: made.choice.isWanted(image),
    })),
    digestCount: made.collection.digestCount,
    latest: imageTypes.map((type) => made.collection.latest(type)),
    chosen: made.choice.images,
    warnings: made.warnings,
    menu: made.menu,
    menuEntries: menuEntries(made),
    prepulled: prepulledEntries(made, [], false),
    asked: prepulledEntries(made, asked, false),
    eligible: [...made.presence.index.eligible],
  };
}

/** The marks that a node cache leaves in force when it arrives, as its rules say. */
function marksInForce({ collection, data }: Snapshot, cache: NodeCache): Marks {
  const index = indexNodes(cache, data.repository.repository);
  return settleMarks(data.marks, index, (key, name) =>
    isListed(index, key, collection.byDigest(key)?.platforms ?? [], name),
  );
}

describe("any sequence of listings, options, filters, node caches and marks", () => {
  const names = fc.constantFrom("n1", "n2", "n3", "n4");
  const keys = fc.constantFrom(sha("a"), sha("b"), sha("c"), "w_2077_43", "latest");
  const held = fc.constantFrom(
    byDigest("a"),
    byDigest("b"),
    byDigest("b1"),
    byDigest("c"),
    byTag("w_2077_43"),
    byTag("latest"),
  );
  const nodeCaches: fc.Arbitrary<NodeCache> = fc
    .tuple(
      fc.integer({ min: 0, max: 8 }),
      fc.uniqueArray(
        fc
          .tuple(
            names,
            fc.array(fc.tuple(held, fc.constantFrom(0, 3, 9)), { maxLength: 3 }),
            fc.record({
              partial: fc.boolean(),
              architecture: fc.constantFrom("", "amd64", "arm64"),
              ineligibleReason: fc.constantFrom("", "", "cordoned"),
            }),
          )
          .map(([name, images, parts]) =>
            node(
              name,
              images.map(([text, size]) => ({ names: [text], size })),
              parts,
            ),
          ),
        { selector: ({ name }) => name },
      ),
    )
    .map(([readTime, nodes]) => nodeCache(readTime, ...nodes));
  const tagNames = fc.constantFrom("recommended", "latest", "w_2077_43", "w_2077_44-amd64", "gone");
  const someOptions = fc.record({
    recommendedTag: fc.oneof(tagNames, fc.constant("")),
    numReleases: fc.nat(2),
    numWeeklies: fc.nat(2),
    numDailies: fc.nat(2),
    cycle: fc.constantFrom(undefined, undefined, 45),
    pin: fc.uniqueArray(tagNames, { maxLength: 2 }),
    aliasTags: fc.uniqueArray(tagNames, { maxLength: 2 }),
  });
  const filters = fc
    .tuple(fc.option(fc.nat(2), { nil: undefined }), fc.boolean())
    .map(([number, hideUnknown]) => ({
      policies: { weekly: policy({ number, age: 400 * oneDay }), release: policy({ number }) },
      hideUnknown,
    }));
  const tagListings = fc
    .tuple(listings, fc.boolean(), fc.integer({ min: 0, max: 900 }))
    .map(([all, platformsKnown, days]) => ({
      tags: all.map((one) => ({
        ...one,
        tag: tag(one.tag.text),
        ...(platformsKnown ? {} : { platforms: [] }),
      })),
      time: day("2076-11-18") + days * oneDay,
    }));

  const marks = fc.record({
    key: keys,
    node: fc.constantFrom("n1", "n2", "n9"),
    size: fc.constantFrom(0, 5, 11),
  });
  type Change =
    | Partial<Pick<SnapshotData, "listing" | "options" | "filter">>
    | { readonly nodeCache: NodeCache }
    | { readonly mark: Omit<Mark, "time"> };
  const changes: fc.Arbitrary<Change> = fc.oneof(
    fc.record({ listing: tagListings }),
    fc.record({ options: someOptions }),
    fc.record({ filter: filters }),
    fc.record({ nodeCache: nodeCaches }),
    { weight: 3, arbitrary: fc.record({ mark: marks }) },
    fc.constant({}),
  );
  /** The next snapshot, made with the help of an earlier one. */
  function changed(last: Snapshot, change: Change, time: number, previous?: Snapshot): Snapshot {
    const { data } = last;
    if ("mark" in change && last === previous) {
      const made = receiveMark(last, { ...change.mark, time });
      expect([...allMarks(made.data.marks)]).toEqual([
        ...allMarks(addMark(data.marks, { ...change.mark, time })),
      ]);
      return made;
    }
    if ("nodeCache" in change) {
      const made = receiveNodeCache(last, change.nodeCache);
      expect({ ...made.data, marks: data.marks }).toEqual({ ...data, ...change });
      expect([...allMarks(made.data.marks)]).toEqual([...allMarks(marksInForce(last, change.nodeCache))]);
      return made;
    }
    const next =
      "mark" in change
        ? { ...data, marks: addMark(data.marks, { ...change.mark, time }, 2) }
        : { ...data, ...change };
    const made = snapshotOf(next, previous);
    expect(made.data).toEqual(next);
    return made;
  }
  const steps = fc.array(fc.tuple(changes, fc.nat()), { minLength: 1, maxLength: 8 });

  it("a snapshot made from any earlier one answers as one made afresh", () => {
    let answered = 0;
    fc.assert(
      fc.property(tagListings, fc.boolean(), steps, ({ tags, time }, resolvesOnDemand, all) => {
        const earlier = [snapshot({ tags, time, resolvesOnDemand })];
        const said = earlier.map(answersOf);
        all.forEach(([change, which], at) => {
          const last = earlier[at] as Snapshot;
          const made = changed(last, change, at, which % 2 ? last : earlier[which % earlier.length]);
          expect(answersOf(made)).toEqual(answersOf(snapshotOf(made.data)));
          earlier.push(made);
          said.push(answersOf(made));
          answered += made.collection.images.length;
        });
        // What came later has changed none of the earlier ones.
        expect(earlier.map(answersOf)).toEqual(said);
      }),
      { numRuns: 400 },
    );
    expect(answered).toBeGreaterThan(1000);
  });

  it("prepulled is never told with a missing or unknown node, nor without a node that holds the image", () => {
    let prepulled = 0;
    fc.assert(
      fc.property(
        tagListings,
        someOptions,
        nodeCaches,
        fc.boolean(),
        (listing, given, cache, resolvesOnDemand) => {
          const made = snapshotOf({
            ...data({ options: given, nodeCache: cache, resolvesOnDemand }),
            listing,
          });
          for (const entry of prepulledEntries(made, [], false)) {
            const { present, missing, unknown } = entry.counts;
            expect(entry.prepulled).toBe(present > 0 && missing === 0 && unknown === 0);
            expect(entry.prepulled).toBe(isPrepulled(entry.counts));
            prepulled += entry.prepulled ? 1 : 0;
          }
          expect(menuEntries(made).filter((entry) => entry.prepulled && entry.nodeCount === 0)).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
    expect(prepulled).toBeGreaterThan(0);
  });
});

describe("a menu that is larger than what most clients take", () => {
  const entries = (count: number) => Array.from({ length: count }, (_, index) => listed(`exp_${index}`));

  it.each([
    ["is a warning that names the filter", 17_001, [expect.stringMatching(/17001 entries.*filter/)]],
    ["and a smaller one is none", 17_000, []],
  ])("%s", (_, count, warnings) => {
    expect(snapshot({ tags: entries(count) }).warnings).toEqual(warnings);
  });
});
