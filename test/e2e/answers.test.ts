/**
 * What the service answers to each of the seven RPCs as configured, field by field, before it is told of any node.
 */
import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { Image } from "../../gen/imagesource/v1/image_pb.ts";
import * as pb from "../../gen/imagesource/v1/image_source_service_pb.ts";
import {
  chosen,
  expectImage,
  expectMenu,
  expectPrepulled,
  expectUpdate,
  knownAtStart,
} from "./expected/lab-answers.ts";
import { labImagesByTag } from "./expected/lab-images.ts";
import { menuAtStart } from "./expected/lab-menu.ts";
import { prepulledAtStart } from "./expected/lab-prepulled.ts";
import { otherSourceNames, otherSources } from "./expected/other-sources.ts";
import { menu, prepulled } from "./expected/rows.ts";
import { type Known, snapshot, version } from "./expected/snapshot.ts";
import { ways } from "./support/clients.ts";
import { inEveryWorld } from "./support/world.ts";

inEveryWorld((world) => {
  describe("the first source", () => {
    it.each(ways)("MenuImages by %s", async (way) => {
      await expectMenu(world, world.ask[way], menuAtStart(world), knownAtStart);
    });

    it.each(ways)("PrepulledImages by %s", async (way) => {
      await expectPrepulled(world, world.ask[way], {}, prepulledAtStart(world), knownAtStart);
    });

    it.each(ways)("UpdateImages by %s", async (way) => {
      await expectUpdate(world, world.ask[way], {}, chosen(world), knownAtStart);
    });

    it.each(ways)("ImageForTagName by %s, of every tag", async (way) => {
      const expected = labImagesByTag(world);
      const tags = Object.keys(expected);
      expect(tags).toHaveLength(26);
      for (const tag of tags) await expectImage(world.ask[way], tag, expected[tag]);
    });

    it.each(ways)("ImageForReference by %s", async (way) => {
      const { digests: d, lab } = world;
      const expected = labImagesByTag(world);
      const cases: [reference: string, tag: string][] = [
        [`${lab}:recommended`, "recommended"],
        [`${lab}:latest_daily`, "latest_daily"], // resolved now
        [`${lab}:recommended@${d.w43}`, "recommended"], // the tag has this digest
        [`${lab}@${d.w43}`, "w_2077_43_c0045.003"], // the main image
        [`${lab}@${d.r28}`, "r28_0_1"], // not its alias
        [`${lab}@${d.w44arm64}`, "w_2077_44-arm64"],
        [`${lab}:w_2077_44@${d.w43}`, "w_2077_43_c0045.003"], // a known digest decides
        [`${lab}:no_such_tag@${d.w43}`, "w_2077_43_c0045.003"],
        [`${lab}:w_2077_43@${d.w43}`, "w_2077_43_c0045.003"], // not resolved, so the digest decides here too
        [`${lab}:r170@${d.r17}`, "r170"], // the registry says that the tag has this digest
        [`${lab}:latest-amd64@${d.w44amd64}`, "latest-amd64"],
      ];
      for (const [reference, tag] of cases) {
        const answer = await world.ask[way].imageForReference({ reference });
        const wanted = create(pb.ImageForReferenceResponseSchema, { image: expected[tag] as Image });
        expect(answer, reference).toEqual(wanted);
      }
    });

    it.each(ways)("a menu's reference, sent back by %s, is the same image", async (way) => {
      const { images } = await world.ask[way].menuImages({});
      expect(images).toHaveLength(23);
      for (const { reference, tag, digest } of images) {
        const { image } = await world.ask[way].imageForReference({ reference });
        expect(image).toEqual(labImagesByTag(world)[tag]);
        if (digest) expect(image?.reference).toBe(reference);
      }
    });

    it.each(ways)("MarkPrepulled by %s, of what is not known: accepted and ignored", async (way) => {
      const { lab, digests: d } = world;
      const before = version(await world.ask.gRPC.menuImages({}));
      for (const reference of [
        `${lab}:no_such_tag`,
        `${lab}:r27_0_0_rsp19`, // not resolved, and the registry is not asked
        `${lab}:r27_0_0_rsp19@${d.r27}`,
        `registry.example.org/sciplat/lab:w_2077_44@${d.w44}`,
      ]) {
        const answer = await world.ask[way].markPrepulled({ reference, node: "node-a", sizeBytes: 1n });
        expect(answer, reference).toEqual(create(pb.MarkPrepulledResponseSchema, { applied: false }));
      }
      expect(version(await world.ask.gRPC.menuImages({}))).toBe(before);
    });
  });

  describe.each(otherSourceNames)("the source %s", (name) => {
    it.each(ways)("MenuImages, PrepulledImages and UpdateImages by %s", async (way) => {
      const expected = otherSources(world).find((source) => source.name === name);
      if (!expected) throw new Error(name);
      const { tagCount, imageCount, aliases, all } = expected;
      const known: Known = { ...knownAtStart, source: name, tagCount, imageCount };
      const place = `${world.registry.host}/${expected.repository}`;
      const others = { nodes: [], missing: [], unknown: [] };
      const ask = world.ask[way];

      const shown = await ask.menuImages({ source: name });
      expect(shown).toEqual(
        create(pb.MenuImagesResponseSchema, {
          images: menu(place, expected.menu),
          snapshot: snapshot(shown, known, world.since),
        }),
      );
      const everything = await ask.prepulledImages({ source: name });
      expect(everything).toEqual(
        create(pb.PrepulledImagesResponseSchema, {
          images: prepulled(place, { rows: all, aliases, presence: {}, others }),
          snapshot: snapshot(everything, known, world.since),
        }),
      );
      const update = await ask.updateImages({ source: name });
      expect(update).toEqual(
        create(pb.UpdateImagesResponseSchema, {
          images: [...expected.chosen],
          snapshot: snapshot(update, known, world.since),
          warnings: [],
        }),
      );
    });
  });

  it.each(ways)("ListSources by %s", async (way) => {
    const answer = await world.ask[way].listSources({});
    const source = (index: number, known: Known, repository: string) => ({
      name: known.source ?? "",
      type: "docker",
      registry: world.registry.host,
      repository,
      snapshot: snapshot(answer.sources[index] ?? {}, known, world.since),
      warnings: [],
    });
    const expected = [
      source(0, knownAtStart, "sciplat/lab"),
      source(1, { ...knownAtStart, source: "cycle", tagCount: 3, imageCount: 2 }, "sciplat/lab"),
      source(2, { ...knownAtStart, source: "short", tagCount: 26, imageCount: 7 }, "sciplat/lab"),
      source(3, { ...knownAtStart, source: "many", tagCount: 2000, imageCount: 0 }, "sciplat/many"),
    ];
    expect(answer).toEqual(create(pb.ListSourcesResponseSchema, { sources: expected }));
  });
});
