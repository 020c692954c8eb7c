/** What a source knows, as lines and back; and that nothing is believed that is not as it was written. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addMark, allMarks, noMarks } from "../../src/domain/marks.ts";
import { compareListed } from "../../src/domain/order.ts";
import { readState, type StoredState, writeState } from "../../src/sources/stored-state.ts";
import { listed, node, nodeCache, sha } from "../support/domain.ts";
import { tagTexts } from "../support/domain-arbitraries.ts";

const owner = { type: "docker", registry: "r.example", repository: "sciplat/lab" };
const now = 1_700_000_000_000;

async function* inLists(lines: readonly string[], size = 3) {
  for (let start = 0; start < lines.length; start += size) yield lines.slice(start, start + size);
}

function read(lines: readonly string[], of = owner): Promise<StoredState> {
  return readState(inLists(lines), of, now);
}

/** Marks are compared as their list. */
function plain({ marks, ...state }: StoredState) {
  return {
    ...state,
    marks: [...allMarks(marks)].toSorted((a, b) => (a.key + a.node < b.key + b.node ? -1 : 1)),
  };
}

const digests = fc.constantFrom("a", "b", "c").map(sha);
const times = fc.integer({ min: 0, max: now });
const sizes = fc.nat();
const nodeNames = fc.constantFrom("n1", "n2.example.org", "n3");
const texts = fc.string({ unit: "binary", maxLength: 20 });

const tags = fc.record({
  text: tagTexts,
  digest: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
  size: fc.option(sizes, { nil: undefined }),
  platforms: fc.array(fc.constantFrom("d", "e"), { maxLength: 2 }),
});

const listings = fc
  .record({
    tags: fc.uniqueArray(tags, { selector: ({ text }) => text, maxLength: 8 }),
    uploadTime: fc.option(times, { nil: undefined }),
    digests: fc.uniqueArray(fc.tuple(tagTexts, digests), { selector: ([tag]) => tag, maxLength: 4 }),
    time: times,
  })
  .map(({ uploadTime, ...listing }) => {
    const entries = listing.tags.map(({ text, ...parts }) => ({ ...listed(text, parts), uploadTime }));
    const sorted = entries.toSorted((a, b) => compareListed(a.tag, b.tag));
    const byName = new Map(entries.map((entry) => [entry.tag.text, entry]));
    return { known: { tags: sorted, byName }, digests: new Map(listing.digests), time: listing.time };
  });

const nodes = fc.record({
  name: nodeNames,
  ineligibleReason: texts,
  architecture: texts,
  createTime: fc.option(times, { nil: undefined }),
  images: fc.array(fc.record({ names: fc.array(texts, { maxLength: 3 }), size: sizes }), { maxLength: 3 }),
  partial: fc.boolean(),
});

const caches = fc.record({
  nodes: fc.uniqueArray(nodes, { selector: ({ name }) => name }),
  readTime: times,
});

const marks = fc
  .array(fc.record({ key: fc.oneof(digests, tagTexts), node: nodeNames, time: times, size: sizes }))
  .map((all) => all.reduce((marks, mark) => addMark(marks, mark), noMarks));

const states: fc.Arbitrary<StoredState> = fc
  .record({
    version: fc.nat(),
    listing: fc.option(listings, { nil: undefined }),
    nodeCache: fc.option(caches, { nil: undefined }),
    marks,
  })
  .map((state) => (state.listing ? state : { ...state, marks: noMarks })); // there are none without a listing

describe("a state", () => {
  it("is the same when it has been written and read", async () => {
    await fc.assert(
      fc.asyncProperty(states, async (state) => {
        expect(plain(await read([...writeState(owner, state)]))).toEqual(plain(state));
      }),
    );
  });

  it("is a state only as a whole: no line may be missing at its end", async () => {
    await fc.assert(
      fc.asyncProperty(states, fc.nat(), async (state, at) => {
        const lines = [...writeState(owner, state)];
        await expect(read(lines.slice(0, at % lines.length))).rejects.toThrow(/empty|half of it/);
      }),
    );
  });

  it("keeps the order in which nodes were marked: beyond the limit the same ones go", async () => {
    const marked = ["n3", "n1", "n2"].map((node, time) => ({ key: sha("a"), node, time, size: 0 }));
    const state = { ...sample, marks: marked.reduce((all, mark) => addMark(all, mark), noMarks) };
    const { marks } = await read([...writeState(owner, state)]);
    expect([...marks.byNode.keys()]).toEqual(["n3", "n1", "n2"]);
  });

  it("that was dated by a clock that was ahead is not believed for longer", async () => {
    const ahead = now + 3_600_000;
    const {
      listing,
      nodeCache: cache,
      marks,
    } = await read([
      ...writeState(owner, {
        version: 7,
        listing: { ...sampleListing, time: ahead },
        nodeCache: nodeCache(ahead, node("n1")),
        marks: addMark(noMarks, { key: sha("a"), node: "n1", time: ahead, size: 0 }),
      }),
    ]);
    const [mark] = allMarks(marks);
    expect([listing?.time, cache?.readTime, mark?.time]).toEqual([now, now, now]);
  });

  it("is sorted, whatever the order of its lines", async () => {
    const [head = "", first = "", second = "", ...rest] = lines();
    const { listing } = await read([head, second, first, ...rest]);
    expect(listing?.known.tags.map(({ tag }) => tag.text)).toEqual(["w_2077_43", "w_2077_42"]);
  });
});

const sampleListing = {
  known: { tags: [listed("w_2077_43"), listed("w_2077_42")], byName: new Map() },
  digests: new Map([["w_2077_43", sha("a")]]),
  time: 5,
};
const sample: StoredState = {
  version: 7,
  listing: sampleListing,
  nodeCache: nodeCache(6, node("n1", ["r.example/x:1"])),
  marks: addMark(noMarks, { key: sha("a"), node: "n1", time: 6, size: 1 }),
};

/** Head, two tags, a digest, a node, a mark, and the end. */
function lines(): string[] {
  return [...writeState(owner, sample)];
}

/** The lines with one whose fields are others. */
function withLine(index: number, fields: object): string[] {
  return lines().map((line, at) =>
    at === index ? JSON.stringify({ ...JSON.parse(line), ...fields }) : line,
  );
}

describe("what is no state of the source is refused, saying where and why", () => {
  it.each<[string, string[], string]>([
    ["nothing", [], "it is empty"],
    ["an empty line", [""], "line 1 is no JSON"],
    ["no JSON", ["<html>"], "line 1 is no JSON"],
    ["other JSON", ["[1, 2]"], "line 1 is not the beginning of a state"],
    ["null", ["null"], "line 1 is not the beginning of a state"],
    ["a later format", withLine(0, { format: 2 }), "line 1 has the format 2, and only 1 is known here"],
    ["no format", withLine(0, { format: undefined }), "line 1 has the format missing"],
    [
      "another type",
      withLine(0, { type: "google" }),
      'line 1 is of another type: "google", and the source\'s is "docker"',
    ],
    ["another registry", withLine(0, { registry: "x" }), 'line 1 is of another registry: "x"'],
    ["another repository", withLine(0, { repository: "x" }), 'line 1 is of another repository: "x"'],
    ["no version", withLine(0, { version: undefined }), "line 1 is wrong at version"],
    [
      "a version that cannot grow",
      withLine(0, { version: Number.MAX_SAFE_INTEGER }),
      "line 1 is wrong at version",
    ],
    ["a version below 0", withLine(0, { version: -1 }), "line 1 is wrong at version"],
    ["a time that is no number", withLine(0, { listTime: "now" }), "line 1 is wrong at listTime"],
    ["a time beyond all times", withLine(0, { readTime: 1e18 }), "line 1 is wrong at readTime"],
    ["tags of no listing", withLine(0, { listTime: undefined }), "line 2 is a tag, and the first line"],
    ["nodes that nobody read", withLine(0, { readTime: undefined }), "line 5 is a node, and the first line"],
    ["a tag with a space", withLine(1, { name: "a b" }), "line 2 is wrong at name"],
    ["a tag that is a number", withLine(1, { name: 5 }), "line 2 is wrong at name"],
    ["a tag with a digest that is none", withLine(1, { digest: "sha256:abc" }), "line 2 is wrong at digest"],
    ["a tag with half a byte", withLine(1, { size: 1.5 }), "line 2 is wrong at size"],
    [
      "a tag with a platform that is none",
      withLine(1, { platforms: ["x"] }),
      "line 2 is wrong at platforms.0",
    ],
    ["a tag twice", withLine(2, { name: "w_2077_43" }), "line 3 names w_2077_43 a second time"],
    ["a line of no kind", withLine(2, { is: "thing" }), "line 3 is wrong at is"],
    ["a digest of no tag", withLine(3, { tag: undefined }), "line 4 is wrong at tag"],
    ["a node that is none", withLine(4, { name: "N_1" }), "line 5 is wrong at name"],
    ["a node without images", withLine(4, { images: null }), "line 5 is wrong at images"],
    [
      "a node's image below 0 bytes",
      withLine(4, { images: [{ names: [], size: -1 }] }),
      "line 5 is wrong at images.0.size",
    ],
    [
      "a node's image whose name is none",
      withLine(4, { images: [{ names: [null], size: 1 }] }),
      "line 5 is wrong at images.0.names.0",
    ],
    ["a mark of nothing", withLine(5, { key: "" }), "line 6 is wrong at key"],
    ["a mark at no time", withLine(5, { time: null }), "line 6 is wrong at time"],
    ["an end that counts otherwise", withLine(6, { rows: 4 }), "line 7 counts 4 rows, and there are 5"],
    ["a missing line", lines().toSpliced(3, 1), "line 6 counts 5 rows, and there are 4"],
    ["something behind the end", [...lines(), lines()[3] ?? ""], "line 7 stands behind the end"],
    ["half a line", [...lines().slice(0, 4), lines()[4]?.slice(0, 20) ?? ""], "line 5 is no JSON"],
    ["no end", lines().slice(0, -1), "it ends after line 6: only half of it was written"],
  ])("%s", async (_, written, because) => {
    await expect(read(written)).rejects.toThrow(because);
  });

  it("whatever one line is replaced by: never anything but a refusal, or a state", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 6 }), fc.oneof(fc.json(), texts), async (at, line) => {
        const written = lines().with(at, line);
        const result = await read(written).catch((error: unknown) => error);
        expect(result instanceof Error ? result.constructor : result).toBe(Error);
      }),
    );
  });
});
