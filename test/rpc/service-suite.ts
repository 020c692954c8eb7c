/**
 * What the RPCs answer, whatever the way in: every field of every message.
 */
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { ImageType } from "../../gen/imagesource/v1/image_pb.ts";
import type { Reader } from "../../src/sources/reader.ts";
import { byDigest, day, lab, node, nodeCache, options, sha } from "../support/domain.ts";
import { sourceOf } from "../support/source.ts";
import type { Way } from "../support/transports.ts";

import {
  answers,
  daily,
  image,
  menu,
  menuImage,
  midnight,
  onEligible,
  onNamed,
  recommended,
  recommendedName,
  release,
  weekly,
} from "./expected.ts";
import { labSource, podReference } from "./fixture.ts";
import { plain } from "./plain.ts";

/** A registry that tells one tag with all it knows, and of another only the name. */
const remote: Reader = {
  async *list() {
    const platforms = [sha("a1"), sha("a2")];
    const uploadTime = day("2077-11-01") + 1;
    yield { tags: [{ name: "w_2077_44", digest: sha("44"), uploadTime, platforms }, { name: "w_2077_40" }] };
  },
  resolve: async (tag) => sha(tag === "w_2077_44" ? "44" : "40"),
};

const remoteSource = () =>
  sourceOf(remote, {
    prepull: options({ numWeeklies: 1 }),
    nodeCache: nodeCache(0, node("node-1", [{ names: [byDigest("a2")], size: 70 }])),
  });

export function describeService(open: Way): void {
  const opened = async () => (await open(await labSource())).ask;

  describe("ImageForTagName and ImageForReference", () => {
    it.each(answers)("answer %s, whole", async (_, expected) => {
      const ask = await opened();
      const tagName = expected.tag ?? "";
      const { reference = "" } = expected;
      expect(plain((await ask.imageForTagName({ tagName })).image)).toEqual(expected);
      expect(plain((await ask.imageForReference({ reference })).image)).toEqual(expected);
      expect(plain((await ask.imageForReference({ reference: podReference(tagName) })).image)).toEqual(
        expected,
      );
    });

    it("answer a digest by its main image, under any spelling of the registry", async () => {
      const ask = await opened();
      const reference = `R.EXAMPLE:443/sciplat/lab@${sha("aa")}`;
      expect(plain((await ask.imageForReference({ reference })).image)).toEqual(weekly);
    });

    it("tell when an image was uploaded, where the registry does, and find it by its platforms' digests", async () => {
      const source = remoteSource();
      await source.start();
      const { ask } = await open(source);
      const { image: found } = await ask.imageForTagName({ tagName: "w_2077_44" });
      expect(plain(found)).toEqual(
        image("w_2077_44", "44", {
          ...{ type: ImageType.WEEKLY, displayName: "Weekly 2077_44", sizeBytes: 70n, nodes: ["node-1"] },
          date: midnight("2077-11-04"),
          uploadTime: plain(timestampFromMs(day("2077-11-01") + 1)),
        }),
      );
    });

    it("resolve a tag that is not resolved yet, which lists show without a digest", async () => {
      const source = remoteSource();
      await source.start();
      const { ask } = await open(source);
      const { images, snapshot } = await ask.menuImages({});
      expect(plain(images[1])).toEqual(
        menuImage("w_2077_40", undefined, { name: "Weekly 2077_40", type: ImageType.WEEKLY }),
      );
      expect(snapshot).toMatchObject({ tagCount: 2, imageCount: 1 });
      const unresolved = (await ask.prepulledImages({})).images[1];
      expect(unresolved).toMatchObject({ tag: "w_2077_40", digest: "", unknownCount: 1, unknown: [] });
      const { image: resolved } = await ask.imageForReference({ reference: podReference("w_2077_40") });
      expect(resolved).toMatchObject({ reference: podReference("w_2077_40", "40"), digest: sha("40") });
    });
  });

  describe("MenuImages", () => {
    it("lists what the filter shows, in order, whole", async () => {
      const before = Date.now();
      const { images, snapshot } = await (await opened()).menuImages({ source: "lab" });
      expect(plain(images)).toEqual(menu);
      expect(plain(snapshot)).toEqual({
        ...{ source: "lab", tagCount: 11, imageCount: 10, nodeCount: 2, stale: false, lastError: "" },
        version: expect.any(BigInt),
        updateTime: expect.anything(),
      });
      expect(Number(snapshot?.updateTime?.seconds)).toBeGreaterThanOrEqual(Math.floor(before / 1000));
      expect(Number(snapshot?.updateTime?.seconds)).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
    });
  });

  describe("PrepulledImages", () => {
    it("lists all but what is made for one architecture, on the eligible nodes", async () => {
      const { images, snapshot } = await (await opened()).prepulledImages({});
      const expected = Object.entries(onEligible).map(([tag, of]) => ({ tag, ...of }));
      const found = images.map(({ tag, prepulled, wanted, nodes, missing, unknown, ...rest }) => {
        const { nodeCount, missingCount, unknownCount } = rest;
        const counts = { nodeCount, missingCount, unknownCount };
        return { tag, prepulled, wanted, nodes, missing, unknown, ...counts };
      });
      expect(found).toEqual(expected);
      expect(snapshot).toMatchObject({ source: "lab", nodeCount: 2 });
    });

    it("tells an image whole, its alias target also among its aliases", async () => {
      const { images } = await (await opened()).prepulledImages({});
      expect(plain(images[1])).toEqual({
        ...{ reference: podReference("recommended", "aa"), tag: "recommended", digest: sha("aa") },
        ...{ name: recommendedName, type: ImageType.ALIAS, sizeBytes: 4000n },
        ...{ aliases: ["stable", "w_2077_43_c0045.003"], aliasTarget: "w_2077_43_c0045.003" },
        ...onEligible.recommended,
      });
    });

    it.each(Object.entries(onNamed))(
      "tells of %s on the nodes that are named, each once, sorted",
      async (tag, expected) => {
        const { images } = await (await opened()).prepulledImages({
          nodes: ["node-3", "node-1", "ghost", "node-1"],
        });
        expect(images.find((found) => found.tag === tag)).toMatchObject(expected);
      },
    );

    it("leaves out all names with counts_only, and nothing else", async () => {
      const ask = await opened();
      const whole = (await ask.prepulledImages({})).images;
      const counted = (await ask.prepulledImages({ countsOnly: true })).images;
      const without = whole.map((found) => ({ ...found, nodes: [], missing: [], unknown: [] }));
      expect(plain(counted)).toEqual(plain(without));
    });
  });

  describe("UpdateImages", () => {
    it("answers with the images to prepull, whole and in order", async () => {
      const { images, snapshot, warnings } = await (await opened()).updateImages({});
      expect(plain(images)).toEqual([recommended, release, weekly, daily]);
      expect(snapshot).toMatchObject({ source: "lab", tagCount: 11, imageCount: 10, nodeCount: 2 });
      expect(warnings).toEqual([]);
    });

    it("warns of a tag that is pinned and does not exist, for all who ask", async () => {
      const ask = await opened();
      const { warnings } = await ask.updateImages({ prepull: { pin: ["w_2077_01"] } });
      expect(warnings).toEqual([expect.stringContaining("w_2077_01")]);
      expect((await ask.listSources({})).sources[0]?.warnings).toEqual(warnings);
    });
  });

  describe("ListSources", () => {
    it("lists the sources as configured; the first answers to the empty name", async () => {
      const [first, other] = [await labSource(), sourceOf(remote, { name: "other", repository: "o/lab" })];
      const { ask } = await open(first, other);
      const { snapshot } = await ask.menuImages({});
      expect(snapshot?.source).toBe("lab");
      expect(plain((await ask.listSources({})).sources)).toEqual([
        { name: "lab", type: "static", ...lab, snapshot: plain(snapshot), warnings: [] },
        { name: "other", type: "docker", ...lab, repository: "o/lab", warnings: [] },
      ]);
    });
  });
}
