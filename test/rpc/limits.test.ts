/** The limits of requests (architecture 1, "Limits"): a row at each, which passes, and one beyond, which names the field. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { PrepullOptionsSchema } from "../../gen/imagesource/v1/image_pb.ts";
import { contractFailure, failureOf } from "../support/grpc-failure.ts";
import { type Ask, binaryWays } from "../support/transports.ts";
import { labSource } from "./fixture.ts";

type Send = (ask: Ask) => Promise<unknown>;
type Row = readonly [what: string, field: string, send: Send];

const long = (length: number) => "a".repeat(length);
const host = "r.example/";
/** A path of at most 255 characters, and the rest in the tag and the digest of 512 bits. */
const digest512 = `sha512:${"0".repeat(128)}`;
const reference = (length: number) => `${host}${long(length - host.length - ":x".length)}:x`;
const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);
const nodes = (count: number) => names(count).map((name) => ({ name }));
const nodeName = (length: number) => long(length);

const tagName = (tag: string) => (ask: Ask) => ask.imageForTagName({ tagName: tag });
const refer = (text: string) => (ask: Ask) => ask.imageForReference({ reference: text });
const prepull = (options: MessageInitShape<typeof PrepullOptionsSchema>) => (ask: Ask) =>
  ask.updateImages({ prepull: options });
const mark = (node: string, sizeBytes?: bigint) => (ask: Ask) =>
  ask.markPrepulled({ reference: "a:b", node, ...(sizeBytes !== undefined && { sizeBytes }) });
const cache =
  (...list: NonNullable<Parameters<Ask["updateImages"]>[0]["nodeCache"]>["nodes"] & object[]) =>
  (ask: Ask) =>
    ask.updateImages({ nodeCache: { nodes: list } });
const seconds = (value: bigint, nanos = 0) => ({ seconds: value, nanos });

/** What is within the limits, though nothing may be found by it. */
const passes: [what: string, send: Send][] = [
  ["a source of 63 characters", (ask) => ask.menuImages({ source: long(63) })],
  ["a tag of 128 characters", tagName(long(128))],
  ["a reference with a sha512 digest", refer(`r.example/lab@${digest512}`)],
  ["a repository path of 255 characters", refer(`${host}${long(255)}:x`)],
  [
    "a reference of 1,024 characters",
    refer(`${long(63)}.${`${long(63)}.`.repeat(3)}r/${long(255)}:${long(128)}@${digest512}`),
  ],
  ["a node name of 253 characters", mark(nodeName(253))],
  ["a size of 0", mark("n", 0n)],
  ["1,000 releases", prepull({ numReleases: 1000 })],
  ["1,000 weeklies", prepull({ numWeeklies: 1000 })],
  ["1,000 dailies", prepull({ numDailies: 1000 })],
  ["cycle 2147483647", prepull({ cycle: 2_147_483_647 })],
  ["cycle 0", prepull({ cycle: 0 })],
  ["a recommended tag of 128 characters", prepull({ recommendedTag: long(128) })],
  ["100 pins", prepull({ pin: names(100) })],
  ["100 alias tags", prepull({ aliasTags: names(100) })],
  ["20,000 nodes in a cache", (ask) => ask.updateImages({ nodeCache: { nodes: nodes(20_000) } })],
  ["20,000 nodes in a question", (ask) => ask.prepulledImages({ nodes: names(20_000), countsOnly: true })],
  ["a node of the year 1", cache({ name: "n", createTime: seconds(-62_135_596_800n) })],
  ["a node of the year 9999", cache({ name: "n", createTime: seconds(253_402_300_799n, 999_999_999) })],
];

const refused: Row[] = [
  ["a source of 64 characters", "source", (ask) => ask.menuImages({ source: long(64) })],
  ["a source in capitals", "source", (ask) => ask.prepulledImages({ source: "Lab" })],
  ["an update of no source name", "source", (ask) => ask.updateImages({ source: "a.b" })],
  [
    "a mark of no source name",
    "source",
    (ask) => ask.markPrepulled({ source: "-", reference: "a:b", node: "n" }),
  ],
  ["a tag of 129 characters", "tag_name", tagName(long(129))],
  ["an empty tag", "tag_name", tagName("")],
  ["a tag with a space", "tag_name", tagName("a b")],
  ["a tag with a line end", "tag_name", tagName("a\n")],
  ["an empty reference", "reference", refer("")],
  ["a reference of 1,025 characters", "reference", refer(reference(1025))],
  ["a reference of neither tag nor digest", "reference", refer("r.example/lab")],
  ["a reference with another kind of digest", "reference", refer("r.example/lab@md5:0123")],
  ["a URL", "reference", refer("https://r.example/lab:x")],
  ["an empty node", "node", mark("")],
  ["a node name of 254 characters", "node", mark(nodeName(254))],
  ["a node name in capitals", "node", mark("Node")],
  ["a negative size", "size_bytes", mark("n", -1n)],
  ["an empty reference of a mark", "reference", (ask) => ask.markPrepulled({ node: "n" })],
  ["-1 releases", "prepull.num_releases", prepull({ numReleases: -1 })],
  ["1,001 releases", "prepull.num_releases", prepull({ numReleases: 1001 })],
  ["1,001 weeklies", "prepull.num_weeklies", prepull({ numWeeklies: 1001 })],
  ["1,001 dailies", "prepull.num_dailies", prepull({ numDailies: 1001 })],
  ["cycle -1", "prepull.cycle", prepull({ cycle: -1 })],
  ["a recommended tag of 129 characters", "prepull.recommended_tag", prepull({ recommendedTag: long(129) })],
  ["101 pins", "prepull.pin", prepull({ pin: names(101) })],
  ["a pin that is no tag", "prepull.pin[1]", prepull({ pin: ["a", "b c"] })],
  ["an empty pin", "prepull.pin[0]", prepull({ pin: [""] })],
  ["101 alias tags", "prepull.alias_tags", prepull({ aliasTags: names(101) })],
  ["an empty alias tag", "prepull.alias_tags[0]", prepull({ aliasTags: [""] })],
  [
    "20,001 nodes in a cache",
    "node_cache.nodes",
    (ask) => ask.updateImages({ nodeCache: { nodes: nodes(20_001) } }),
  ],
  ["20,001 nodes in a question", "nodes", (ask) => ask.prepulledImages({ nodes: names(20_001) })],
  ["an empty node in a question", "nodes[1]", (ask) => ask.prepulledImages({ nodes: ["a", ""] })],
  ["a node without a name", "node_cache.nodes[0].name", cache({})],
  ["a node name of 254 characters in a cache", "node_cache.nodes[0].name", cache({ name: nodeName(254) })],
  [
    "a node named twice",
    "node_cache.nodes[3].name",
    cache(...["a", "b", "c", "b"].map((name) => ({ name }))),
  ],
  [
    "a negative size on a node",
    "node_cache.nodes[0].images[1].size_bytes",
    cache({ name: "n", images: [{}, { sizeBytes: -1n }] }),
  ],
  [
    "a node of the year 0",
    "node_cache.nodes[0].create_time",
    cache({ name: "n", createTime: seconds(-62_135_596_801n) }),
  ],
  [
    "a node of the year 10000",
    "node_cache.nodes[0].create_time",
    cache({ name: "n", createTime: seconds(253_402_300_800n) }),
  ],
  [
    "a cache of no time",
    "node_cache.read_time",
    (ask) => ask.updateImages({ nodeCache: { readTime: seconds(0n, -1) } }),
  ],
];

describe.each(binaryWays)("%s", (_, open) => {
  it.each(passes)("takes %s", async (_, send) => {
    const { ask, bugs } = await open(await labSource());
    const outcome = await send(ask).then(
      () => "NotFound",
      async () => (await failureOf(send(ask))).code,
    );
    expect(outcome).toBe("NotFound"); // of what is not there, or an answer
    expect(bugs).toEqual([]);
  });

  it.each(refused)("refuses %s, naming %s", async (_, field, send) => {
    const { ask, bugs } = await open(await labSource());
    const failure = await failureOf(send(ask));
    expect(failure).toMatchObject(contractFailure("InvalidArgument", "INVALID_REQUEST", { fields: [field] }));
    expect(failure.descriptions.every((text) => text.length > 0)).toBe(true);
    expect(failure.message).toContain(field);
    expect(bugs).toEqual([]);
  });

  it("names every field that is wrong at once", async () => {
    const { ask } = await open(await labSource());
    const request = { source: "No Source", reference: "", node: "", sizeBytes: -1n };
    expect([...(await failureOf(ask.markPrepulled(request))).fields].sort()).toEqual([
      "node",
      "reference",
      "size_bytes",
      "source",
    ]);
  });

  it("checks syntax before anything is looked up, and before the first listing", async () => {
    const { ask } = await open(await labSource());
    const { infos } = await failureOf(ask.imageForTagName({ source: "nope", tagName: "" }));
    expect(infos).toEqual([["INVALID_REQUEST", "imagesource.v1"]]);
  });

  it("sends an error that fits where very many fields are wrong", async () => {
    const { ask } = await open(await labSource());
    const bad = Array.from({ length: 20_000 }, () => "\u{10ffff}".repeat(50));
    const failure = await failureOf(ask.prepulledImages({ nodes: bad }));
    expect(failure).toMatchObject({
      code: "InvalidArgument",
      infos: [["INVALID_REQUEST", "imagesource.v1"]],
    });
    expect(failure.fields).toContain("nodes[0]");
  });

  it.each<[string, (ask: Ask) => Promise<unknown>]>([
    [
      "a mark",
      (ask) =>
        ask.markPrepulled({
          reference: "r.example/sciplat/lab:w_2077_42",
          node: "n",
          sizeBytes: 2n ** 63n - 1n,
        }),
    ],
    [
      "a node",
      (ask) =>
        ask.updateImages({
          nodeCache: {
            nodes: [
              {
                name: "n",
                images: [{ names: ["r.example/sciplat/lab:exp_dask"], sizeBytes: 2n ** 63n - 1n }],
              },
            ],
          },
        }),
    ],
  ])("answers everybody after %s told the largest size there is", async (_, tell) => {
    const { ask, bugs } = await open(await labSource());
    await tell(ask);
    expect((await ask.menuImages({})).images.length).toBe(8);
    expect((await ask.prepulledImages({})).images.length).toBe(9);
    await ask.imageForTagName({ tagName: "w_2077_42" });
    expect(bugs).toEqual([]);
  });
});
