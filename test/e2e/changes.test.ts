/**
 * The registry changes, by the hands of a person with crane, and the answers follow: at the next update, and at once
 * where a tag is resolved on demand.
 */
import { describe, expect, it } from "vitest";
import type { Image } from "../../gen/imagesource/v1/image_pb.ts";
import * as states from "./expected/changes.ts";
import {
  expectImage,
  expectMenu as expectLabMenu,
  expectUpdate,
  knownAtStart,
} from "./expected/lab-answers.ts";
import { labImagesByTag } from "./expected/lab-images.ts";
import { DAILY, day, image, RELEASE, UNKNOWN } from "./expected/rows.ts";
import type { Known } from "./expected/snapshot.ts";
import { labRepository } from "./support/content.ts";
import { crane } from "./support/crane.ts";
import { failure } from "./support/failure.ts";
import { remove } from "./support/manifests.ts";
import { inEveryWorldOfItsOwn } from "./support/world.ts";

inEveryWorldOfItsOwn((world, kind) => {
  const ask = () => world.ask.gRPC;
  const known = ({ tagCount, chosen }: states.State): Known => ({
    ...knownAtStart,
    tagCount,
    imageCount: chosen.length, // nothing else is resolved
  });
  const expectMenu = (state: states.State) => expectLabMenu(world, ask(), state.menu, known(state));

  /** An update, after which every answer is of the new state. */
  async function expectState(state: states.State, prepull?: { pin?: string[] }) {
    const update = prepull ? { prepull } : {};
    await expectUpdate(world, ask(), update, state.chosen, known(state), state.warnings);
    await expectMenu(state);
    for (const image of state.chosen) await expectImage(ask(), image.tag, image);
  }

  const lookup = async (tagName: string): Promise<Image | undefined> =>
    (await ask().imageForTagName({ tagName })).image;
  const reference = (text: string) => ask().imageForReference({ reference: `${world.lab}${text}` });

  /** Deletes a tag that is alone with its digest. */
  const removeTag = (tag: string, digest: string) =>
    remove(world.registry.host, labRepository, kind === "distribution 3" ? tag : digest);

  describe("a tag is added", () => {
    it("is unknown until an update, also to those who ask for it", async () => {
      await crane("tag", `${world.lab}:w_2077_42_c0044.012`, "w_2077_45");
      await expectMenu(states.unchanged(world));
      expect(await failure(lookup("w_2077_45"))).toMatchObject({ reason: "UNKNOWN_IMAGE" });
    });

    it("is the newest weekly after it", async () => {
      await expectState(states.added(world));
    });
  });

  describe("tags are moved", () => {
    it("one that is resolved on demand: asked for by name, it follows at once", async () => {
      const { lab, digests: d } = world;
      expect(await lookup("r170")).toEqual(labImagesByTag(world).r170);
      await crane("tag", `${lab}:r29_0_0_rc9`, "r170");
      const now = image(lab, { tag: "r170", digest: d.rc9, type: RELEASE, displayName: "Release r17.0.0" });
      expect(await lookup("r170")).toEqual(now);
      expect((await reference(`:r170@${d.rc9}`)).image).toEqual(now);
    });

    it("and asked for by its old digest it is a mismatch that names both", async () => {
      const { r17, rc9 } = world.digests;
      const found = await failure(reference(`:r170@${r17}`));
      expect(found).toMatchObject({
        code: "NotFound",
        reason: "DIGEST_MISMATCH",
        message: expect.stringContaining(r17),
      });
      expect(found.message).toContain(rc9);
    });

    it("resolved ones stay what they were until an update", async () => {
      await crane("tag", `${world.lab}:w_2077_44`, "recommended");
      await crane("tag", `${world.lab}:d_2077_10_28`, "d_2077_10_31");
      await expectMenu(states.added(world));
      expect((await lookup("recommended"))?.digest).toBe(world.digests.w43);
      expect((await reference(`:d_2077_10_31@${world.digests.d31}`)).image).toEqual(
        labImagesByTag(world).d_2077_10_31,
      );
    });

    it("and follow with it", async () => {
      await expectState(states.moved(world));
    });

    it("the old digest, which no resolved tag has now, is a mismatch", async () => {
      const { d28, d31 } = world.digests;
      const found = await failure(reference(`:d_2077_10_31@${d31}`));
      expect(found).toMatchObject({
        code: "NotFound",
        reason: "DIGEST_MISMATCH",
        message: expect.stringContaining(d31),
      });
      expect(found.message).toContain(d28);
    });

    it("a tag that stayed with the old digest is no alias of it any more", async () => {
      const { lab, digests: d } = world;
      const stayed = image(lab, {
        tag: "latest_daily",
        digest: d.d31,
        type: UNKNOWN,
        displayName: "latest_daily",
      });
      expect(await lookup("latest_daily")).toEqual(stayed);
    });

    it("a tag that had the new digest all along has the moved one as an alias", async () => {
      const { lab, digests: d } = world;
      const other = image(lab, {
        tag: "d_2077_10_28",
        digest: d.d28,
        type: DAILY,
        displayName: "Daily 2077_10_28",
        aliases: ["d_2077_10_31"],
        date: day("2077-10-28"),
      });
      expect(await lookup("d_2077_10_28")).toEqual(other);
    });
  });

  describe("tags are deleted", () => {
    it("one that is resolved on demand: not found at once, also by its digest", async () => {
      await removeTag("MiXeD_CaSe", world.digests.mixed);
      const wanted = { code: "NotFound", reason: "UNKNOWN_IMAGE" };
      expect(await failure(lookup("MiXeD_CaSe"))).toMatchObject(wanted);
      expect(await failure(reference(":MiXeD_CaSe"))).toMatchObject(wanted);
      expect(await failure(reference(`:MiXeD_CaSe@${world.digests.mixed}`))).toMatchObject(wanted);
    });

    it("a resolved one is answered until an update", async () => {
      await removeTag("d_2077_10_30", world.digests.d30);
      await expectMenu(states.moved(world));
      expect(await lookup("d_2077_10_30")).toEqual(labImagesByTag(world).d_2077_10_30);
    });

    it("and not after it; the next in line is chosen", async () => {
      await expectState(states.deleted(world));
      const wanted = { code: "NotFound", reason: "UNKNOWN_IMAGE" };
      expect(await failure(lookup("d_2077_10_30"))).toMatchObject(wanted);
      expect(await failure(reference(`:d_2077_10_30@${world.digests.d30}`))).toMatchObject(wanted);
      expect(await failure(reference(`@${world.digests.d30}`))).toMatchObject(wanted);
    });

    it("a pinned one: the update warns of it", async () => {
      await expectState(states.pinned(world), { pin: ["exp_random"] });
      await removeTag("exp_random", world.digests.expRandom);
      await expectState(states.pinnedDeleted(world));
    });

    it(
      kind === "distribution 3"
        ? "a release, whose alias stays"
        : "a release by its digest, and with it its alias, which is pinned",
      async () => {
        const alone = kind === "distribution 3";
        await remove(world.registry.host, labRepository, alone ? "r28_0_1" : world.digests.r28);
        await expectState(alone ? states.releaseDeleted(world) : states.releaseDeletedWithAlias(world), {});
      },
    );
  });
});
