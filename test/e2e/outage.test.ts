/**
 * The registry goes away and comes back, the service is restarted while it is away, and is stopped.
 */
import { create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../gen/imagesource/v1/image_pb.ts";
import * as pb from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { chosen as chosenImages } from "./expected/lab-answers.ts";
import { labImagesByTag } from "./expected/lab-images.ts";
import { menuAtStart } from "./expected/lab-menu.ts";
import { menu } from "./expected/rows.ts";
import { version } from "./expected/snapshot.ts";
import { failure } from "./support/failure.ts";
import { health, ready, Status } from "./support/health.ts";
import { listens } from "./support/ports.ts";
import { until } from "./support/until.ts";
import { inEveryWorld } from "./support/world.ts";

inEveryWorld((world) => {
  const ask = () => world.ask.gRPC;
  const images = () => labImagesByTag(world);
  const chosen = () => chosenImages(world);
  const unavailable = { code: "Unavailable", reason: "REGISTRY_UNAVAILABLE" };
  let listed: Snapshot; // of the last listing before the registry went away

  describe("the registry is stopped", () => {
    it("UpdateImages answers from the last listing, and says so", async () => {
      listed = (await ask().menuImages({})).snapshot as Snapshot;
      await world.registry.stop();
      const answer = await ask().updateImages({});
      const { lastError = "", version: now = 0n } = answer.snapshot ?? {};
      expect(lastError).not.toBe("");
      expect(now).toBeGreaterThan(listed.version);
      expect(answer.warnings.join("\n")).toContain(lastError);
      const expected = {
        images: chosen(),
        snapshot: { ...listed, version: now, stale: true, lastError }, // the time is that of the good listing
        warnings: answer.warnings,
      };
      expect(answer).toEqual(create(pb.UpdateImagesResponseSchema, expected));
    });

    it("so does MenuImages", async () => {
      const answer = await ask().menuImages({});
      expect(answer.images).toEqual(menu(world.lab, menuAtStart(world)));
      expect(answer.snapshot).toMatchObject({
        stale: true,
        updateTime: listed.updateTime,
        tagCount: 26,
        imageCount: 9,
      });
    });

    it("ListSources tells it of the source that has tried, and of no other", async () => {
      const { sources } = await ask().listSources({});
      expect(sources.map(({ name, snapshot }) => [name, snapshot?.stale])).toEqual([
        ["lab", true],
        ["cycle", false],
        ["short", false],
        ["many", false],
      ]);
      expect(sources[0]?.warnings.join("\n")).toContain(sources[0]?.snapshot?.lastError);
    });

    it("a resolved image is found, by tag and by reference", async () => {
      for (const { tag, reference } of chosen()) {
        expect((await ask().imageForTagName({ tagName: tag })).image).toEqual(images()[tag]);
        expect((await ask().imageForReference({ reference })).image).toEqual(images()[tag]);
      }
    });

    it("a tag that has to be resolved is not", async () => {
      const { lab, digests } = world;
      const failures = await Promise.all([
        failure(ask().imageForTagName({ tagName: "r170" })),
        failure(ask().imageForReference({ reference: `${lab}:r27_0_0_rsp19` })),
        failure(ask().imageForReference({ reference: `${lab}:MiXeD_CaSe@${digests.mixed}` })),
      ]);
      expect(failures).toMatchObject([unavailable, unavailable, unavailable]);
    });

    it("an unknown tag is not found, as ever", async () => {
      expect(await failure(ask().imageForTagName({ tagName: "w_2077_45" }))).toMatchObject({
        reason: "UNKNOWN_IMAGE",
      });
    });

    it("it is ready nevertheless", async () => {
      expect(await health(world.place)).toBe(Status.SERVING);
    });
  });

  describe("the registry is started again", () => {
    it("UpdateImages answers from a new listing", async () => {
      await world.registry.start();
      const before = (await ask().menuImages({})).snapshot as Snapshot;
      const answer = await ask().updateImages({});
      const { version: now = 0n, updateTime } = answer.snapshot ?? {};
      if (!updateTime || !listed.updateTime) throw new Error("no time");
      expect(now).toBeGreaterThan(before.version);
      expect(timestampMs(updateTime)).toBeGreaterThan(timestampMs(listed.updateTime));
      const expected = { images: chosen(), snapshot: { ...listed, version: now, updateTime }, warnings: [] };
      expect(answer).toEqual(create(pb.UpdateImagesResponseSchema, expected));
    });

    it("a tag that has to be resolved is found", async () => {
      expect((await ask().imageForTagName({ tagName: "r170" })).image).toEqual(images().r170);
    });
  });

  describe("the service is restarted while the registry is away", () => {
    let before: bigint;

    it("it ends well at SIGTERM", async () => {
      before = version(await ask().menuImages({}));
      expect(await world.service.program.end("SIGTERM")).toBe(0);
      expect(await listens(world.place.port)).toBe(false);
    });

    it("it starts, and is not ready", async () => {
      await world.registry.stop();
      await world.startService();
      expect(await health(world.place)).toBe(Status.NOT_SERVING);
      expect(await health(world.place, "imagesource.v1.ImageSourceService")).toBe(Status.NOT_SERVING);
    });

    it.each([
      ["MenuImages", () => ask().menuImages({})],
      ["PrepulledImages", () => ask().prepulledImages({})],
      ["ImageForTagName", () => ask().imageForTagName({ tagName: "r28_0_1" })],
      ["ImageForReference", () => ask().imageForReference({ reference: `${world.lab}:r28_0_1` })],
    ])("%s says NOT_READY", async (_, call) => {
      expect(await failure(call())).toMatchObject({ code: "Unavailable", reason: "NOT_READY" });
    });

    it("UpdateImages says why", async () => {
      expect(await failure(ask().updateImages({}))).toMatchObject(unavailable);
    });

    it("MarkPrepulled is accepted and ignored", async () => {
      const mark = { reference: `${world.lab}:r28_0_1`, node: "node-a" };
      expect(await ask().markPrepulled(mark)).toEqual(
        create(pb.MarkPrepulledResponseSchema, { applied: false }),
      );
    });

    it("ListSources answers, without snapshots", async () => {
      const answer = await until("a failed first run of every source", async () => {
        const now = await ask().listSources({});
        return now.sources.every(({ warnings }) => warnings.length > 0) && now;
      });
      const source = (index: number, name: string, repository: string) => ({
        name,
        type: "docker",
        registry: world.registry.host,
        repository,
        warnings: answer.sources[index]?.warnings ?? [],
      });
      const expected = [
        source(0, "lab", "sciplat/lab"),
        source(1, "cycle", "sciplat/lab"),
        source(2, "short", "sciplat/lab"),
        source(3, "many", "sciplat/many"),
      ];
      expect(answer).toEqual(create(pb.ListSourcesResponseSchema, { sources: expected }));
    });

    it("it gets ready by itself when the registry is back, and its versions go on", async () => {
      await world.registry.start();
      await ready(world.service, 90); // the pauses between attempts grow, to a minute at most
      const answer = await until(
        "the first source's snapshot",
        () =>
          ask()
            .menuImages({})
            .catch(() => undefined),
        90,
      );
      expect(answer.images).toEqual(menu(world.lab, menuAtStart(world)));
      expect(answer.snapshot).toMatchObject({ stale: false, lastError: "", tagCount: 26, imageCount: 9 });
      expect(version(answer)).toBeGreaterThan(before);
    }, 120_000);

    it("it ends well at SIGINT too", async () => {
      expect(await world.service.program.end("SIGINT")).toBe(0);
      expect(await listens(world.place.port)).toBe(false);
    });
  });
});
