/** What an update puts in force: every field of PrepullOptions, NodeCache and its parts, and how long it holds. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { ImageType, type NodeSchema, type PrepullOptionsSchema } from "../../gen/imagesource/v1/image_pb.ts";
import { byDigest, sha } from "../support/domain.ts";
import { type Ask, everyWay } from "../support/transports.ts";
import { labSource, podReference } from "./fixture.ts";

/** How long to look for something that becomes so. */
const soon = { timeout: 4_000 };

const weekly = podReference("w_2077_43_c0045.003", "aa");
const chosen = ["recommended", "r29_0_0", "w_2077_43_c0045.003", "d_2077_10_23"];

describe.each(everyWay)("%s", (_, open) => {
  const lab = async () => (await open(await labSource())).ask;
  const wanted = async (ask: Ask, prepull?: MessageInitShape<typeof PrepullOptionsSchema>) =>
    (await ask.updateImages(prepull ? { prepull } : {})).images.map(({ tag }) => tag);

  it.each<[string, MessageInitShape<typeof PrepullOptionsSchema>, string[]]>([
    ["no releases", { numReleases: 0 }, ["recommended", "w_2077_43_c0045.003", "d_2077_10_23"]],
    ["one more weekly", { numWeeklies: 2 }, [...chosen.slice(0, 3), "w_2077_42", "d_2077_10_23"]],
    ["no dailies", { numDailies: 0 }, chosen.slice(0, 3)],
    ["a pinned tag", { pin: ["sandbox"] }, [...chosen, "sandbox"]],
    [
      "a pinned tag of one architecture",
      { pin: ["latest-arm64"] },
      ["recommended", "latest-arm64", ...chosen.slice(1)],
    ],
    ["one cycle", { cycle: 45 }, ["w_2077_43_c0045.003"]],
    ["no recommended tag", { recommendedTag: "" }, chosen.slice(1)],
    ["another recommended tag", { recommendedTag: "sandbox" }, ["sandbox", ...chosen.slice(1)]],
  ])("chooses with %s, and as configured again with empty options", async (_, prepull, expected) => {
    const ask = await lab();
    expect(await wanted(ask, prepull)).toEqual(expected);
    expect(await wanted(ask)).toEqual(expected); // a request without options changes none
    expect(await wanted(ask, {})).toEqual(chosen);
  });

  it("flags the recommended tag that is in force", async () => {
    const ask = await lab();
    await ask.updateImages({ prepull: { recommendedTag: "r29_0_0" } });
    const { images } = await ask.menuImages({});
    expect(images.filter(({ recommended }) => recommended).map(({ tag }) => tag)).toEqual(["r29_0_0"]);
  });

  it("reads alias tags as aliases", async () => {
    const ask = await lab();
    await ask.updateImages({ prepull: { aliasTags: ["sandbox"] } });
    const { image } = await ask.imageForTagName({ tagName: "sandbox" });
    expect(image).toMatchObject({ type: ImageType.ALIAS, displayName: "Sandbox" });
  });

  it("knows only tags of the cycle", async () => {
    const ask = await lab();
    const { snapshot } = await ask.updateImages({ prepull: { cycle: 45 } });
    expect(snapshot).toMatchObject({ tagCount: 1, imageCount: 1 });
  });

  it("believes a node cache: who is there, eligible, partial, of which architecture, with which images", async () => {
    const ask = await lab();
    const nodes: MessageInitShape<typeof NodeSchema>[] = [
      {
        name: "a",
        images: [
          { names: [byDigest("55")], sizeBytes: 7n },
          { names: [byDigest("bb")], sizeBytes: 60n },
        ],
      },
      { name: "b", partial: true },
      { name: "c", ineligibleReason: "cordoned", images: [{ names: [byDigest("55")] }] },
      { name: "d", architecture: "amd64" },
      {},
    ].slice(0, 4);
    const { snapshot } = await ask.updateImages({
      nodeCache: { nodes },
      prepull: { pin: ["latest-arm64", "sandbox"] },
    });
    expect(snapshot?.nodeCount).toBe(3);
    const { images } = await ask.prepulledImages({});
    const sandbox = images.find(({ tag }) => tag === "sandbox");
    expect(sandbox).toMatchObject({ nodes: ["a"], missing: ["d"], unknown: ["b"], sizeBytes: 5n });
    expect((await ask.imageForTagName({ tagName: "w_2077_42" })).image).toMatchObject({
      sizeBytes: 60n,
      nodes: ["a"],
    });
    expect((await ask.imageForTagName({ tagName: "sandbox" })).image?.nodes).toEqual(["a", "c"]);
  });

  it("takes a node's list for its marks by time: a cache read before keeps them, one read later ends them", async () => {
    const ask = await lab();
    const holders = async () => (await ask.imageForReference({ reference: weekly })).image?.nodes;
    const made = Date.now();
    expect(await ask.markPrepulled({ reference: weekly, node: "late" })).toMatchObject({ applied: true });
    await ask.updateImages({ nodeCache: { readTime: timestampFromMs(made - 1000) } });
    expect(await holders()).toEqual(["late"]);
    const created = timestampFromMs(Date.now() + 1000);
    await ask.updateImages({
      nodeCache: { readTime: timestampFromMs(made - 500), nodes: [{ name: "late", createTime: created }] },
    });
    expect(await holders()).toEqual([]); // another machine under the same name
    await ask.markPrepulled({ reference: weekly, node: "early" });
    const marked = Date.now();
    await expect.poll(() => Date.now(), soon).toBeGreaterThan(marked); // in the same millisecond it would stay
    await ask.updateImages({ nodeCache: { readTime: timestampFromMs(Date.now() + 3_600_000) } });
    expect(await holders()).toEqual([]); // a time in the future is that of the request
  });
});

describe.each(everyWay)("MarkPrepulled %s", (_, open) => {
  it.each<[string, string, boolean]>([
    ["an image by tag and digest", weekly, true],
    ["an image by its digest, under another tag", podReference("w_2077_01", "aa"), true],
    ["a tag", podReference("sandbox"), true],
    ["an image without a digest by its tag", podReference("exp_dask"), true],
    ["an unknown tag", podReference("w_2077_01"), false],
    ["an unknown digest", podReference("sandbox", "ff"), false],
    ["another repository", `r.example/other@${sha("aa")}`, false],
  ])("says of %s whether it was applied, again too", async (_, reference, applied) => {
    const { ask } = await open(await labSource());
    for (const _ of [1, 2])
      expect((await ask.markPrepulled({ reference, node: "node-9" })).applied).toBe(applied);
  });

  it("shows at once on the node, with the size", async () => {
    const { ask } = await open(await labSource());
    const reference = podReference("exp_dask");
    await ask.markPrepulled({ source: "lab", reference, node: "node-9", sizeBytes: 123n });
    const { image } = await ask.imageForReference({ reference });
    expect(image).toMatchObject({ nodes: ["node-2", "node-9"], sizeBytes: 123n });
  });
});
