/**
 * Which images are on which nodes: by what a caller read from a cluster, by marks, and by what was read later.
 */
import { create } from "@bufbuild/protobuf";
import { beforeAll, describe, expect, it } from "vitest";
import * as pb from "../../gen/imagesource/v1/image_source_service_pb.ts";
import {
  chosen,
  expectImage,
  expectMenu,
  expectPrepulled,
  expectUpdate,
  knownWithNodes,
} from "./expected/lab-answers.ts";
import {
  held,
  heldAfterMarks,
  heldByThreeNodes,
  heldWithMarks,
  labImagesByTag,
} from "./expected/lab-images.ts";
import * as menus from "./expected/lab-menu.ts";
import * as tables from "./expected/lab-prepulled.ts";
import { threeNodes } from "./expected/nodes.ts";
import { version } from "./expected/snapshot.ts";
import { ways } from "./support/clients.ts";
import { inEveryWorld } from "./support/world.ts";

inEveryWorld((world) => {
  describe("with a node cache", () => {
    it.each(ways)("UpdateImages by %s", async (way) => {
      const update = { nodeCache: { nodes: threeNodes(world) } };
      await expectUpdate(
        world,
        world.ask[way],
        update,
        chosen(world, heldByThreeNodes(world)),
        knownWithNodes,
      );
    });

    it.each(ways)("UpdateImages by %s without one: it stays", async (way) => {
      await expectUpdate(world, world.ask[way], {}, chosen(world, heldByThreeNodes(world)), knownWithNodes);
    });

    it.each(ways)("MenuImages by %s", async (way) => {
      await expectMenu(world, world.ask[way], menus.menuWithNodes(world), knownWithNodes);
    });

    it.each(ways)("PrepulledImages by %s", async (way) => {
      await expectPrepulled(world, world.ask[way], {}, tables.prepulledWithNodes(world), knownWithNodes);
    });

    it.each(ways)("PrepulledImages by %s, of named nodes", async (way) => {
      const question = { nodes: tables.askedNodes };
      await expectPrepulled(
        world,
        world.ask[way],
        question,
        tables.prepulledOfAskedNodes(world),
        knownWithNodes,
      );
    });

    it.each(ways)("PrepulledImages by %s, counts only", async (way) => {
      const question = { nodes: tables.askedNodes, countsOnly: true };
      const table = { ...tables.prepulledOfAskedNodes(world), countsOnly: true };
      await expectPrepulled(world, world.ask[way], question, table, knownWithNodes);
    });

    it.each(ways)("ImageForTagName and ImageForReference by %s, of every tag", async (way) => {
      const all = Object.entries(labImagesByTag(world));
      expect(all).toHaveLength(26);
      for (const [tag, plain] of all) {
        const image = held(plain, heldByThreeNodes(world));
        await expectImage(world.ask[way], tag, image);
        const answer = await world.ask[way].imageForReference({ reference: `${world.lab}:${tag}` });
        expect(answer).toEqual(create(pb.ImageForReferenceResponseSchema, { image }));
      }
    });

    it.each(ways)("ListSources by %s: no other source has it", async (way) => {
      const { sources } = await world.ask[way].listSources({});
      expect(sources.map((source) => [source.name, source.snapshot?.nodeCount])).toEqual([
        ["lab", 2],
        ["cycle", 0],
        ["short", 0],
        ["many", 0],
      ]);
    });
  });

  describe("with marks", () => {
    let readBefore: { seconds: bigint }; // of a node cache that was read before the marks were made

    beforeAll(() => {
      readBefore = { seconds: BigInt(Math.floor(Date.now() / 1000) - 1) };
    });

    it.each(ways)("MarkPrepulled by %s", async (way) => {
      const { lab, digests: d } = world;
      for (const mark of [
        { reference: `${lab}:d_2077_10_31@${d.d31}`, node: "node-a", sizeBytes: 5500n },
        { reference: `${lab}:d_2077_10_30`, node: "node-b" },
        { reference: `${lab}:latest_release`, node: "node-z", sizeBytes: 0n },
      ]) {
        const answer = await world.ask[way].markPrepulled(mark);
        expect(answer, mark.reference).toEqual(create(pb.MarkPrepulledResponseSchema, { applied: true }));
      }
    });

    it.each(ways)("MenuImages by %s", async (way) => {
      await expectMenu(world, world.ask[way], menus.menuWithMarks(world), knownWithNodes);
    });

    it.each(ways)("PrepulledImages by %s", async (way) => {
      await expectPrepulled(world, world.ask[way], {}, tables.prepulledWithMarks(world), knownWithNodes);
    });

    it.each(ways)("PrepulledImages by %s, of named nodes", async (way) => {
      const question = { nodes: tables.askedNodes };
      const table = tables.prepulledOfAskedNodesWithMarks(world);
      await expectPrepulled(world, world.ask[way], question, table, knownWithNodes);
    });

    it.each(ways)("UpdateImages by %s: an update alone ends none", async (way) => {
      await expectUpdate(world, world.ask[way], {}, chosen(world, heldWithMarks(world)), knownWithNodes);
    });

    it.each(ways)("UpdateImages by %s, with a node cache read before: it ends none", async (way) => {
      const update = { nodeCache: { nodes: threeNodes(world), readTime: readBefore } };
      await expectUpdate(world, world.ask[way], update, chosen(world, heldWithMarks(world)), knownWithNodes);
    });

    it("only a mark that changes something changes the version", async () => {
      const ask = world.ask.gRPC;
      const before = version(await ask.menuImages({}));
      await ask.markPrepulled({ reference: `${world.lab}:d_2077_10_30`, node: "node-b" });
      expect(version(await ask.menuImages({}))).toBe(before);
      await ask.markPrepulled({ reference: `${world.lab}:d_2077_10_29`, node: "node-y" });
      expect(version(await ask.menuImages({}))).toBeGreaterThan(before);
    });
  });

  describe("after a newer node cache", () => {
    it.each(ways)("UpdateImages by %s: only the mark on the partial node is left", async (way) => {
      const update = { nodeCache: { nodes: threeNodes(world) } };
      await expectUpdate(world, world.ask[way], update, chosen(world, heldAfterMarks(world)), knownWithNodes);
    });

    it.each(ways)("MenuImages by %s", async (way) => {
      await expectMenu(world, world.ask[way], menus.menuAfterMarks(world), knownWithNodes);
    });

    it.each(ways)("PrepulledImages by %s", async (way) => {
      await expectPrepulled(world, world.ask[way], {}, tables.prepulledAfterMarks(world), knownWithNodes);
    });
  });
});
