/**
 * What every source answers alike, whatever its reader (behaviour 7): the same questions get the same answers. Each
 * reader's test runs this; what may differ for tags that are not resolved is told by `resolvesOnDemand` and by nothing
 * else.
 */
import { describe, expect, it } from "vitest";
import type { ImageAnswer } from "../../src/domain/answers.ts";
import { parseReference } from "../../src/domain/reference.ts";
import type { ImageSource } from "../../src/sources/image-source.ts";
import { sha } from "../support/domain.ts";
import { patient } from "../support/reader.ts";
import { nothing } from "../support/source.ts";

/** Tags that a fixture has, each with a name for its digest: equal names are one digest. */
export const suiteTags = {
  recommended: "weekly-43",
  r29_0_0: "release",
  w_2077_43: "weekly-43",
  w_2077_42: "weekly-42",
  w_2077_41: "weekly-41",
  "w_2077_41-arm64": "weekly-41-arm64",
  d_2077_10_23: "daily",
  exp_dask: "experiment",
  old_weekly: "weekly-41",
} as const;

export interface Fixture {
  /** Has been started, with default options, and knows no nodes. */
  readonly source: ImageSource;
  /** `host:port/path` as configured. */
  readonly repository: string;
  readonly resolvesOnDemand: boolean;
  digest(tag: keyof typeof suiteTags): string;
  close(): Promise<void>;
}

export function describeSource(kind: string, open: () => Promise<Fixture>): void {
  describe(`a ${kind} source`, () => {
    async function using(act: (fixture: Fixture) => Promise<void> | void): Promise<void> {
      const fixture = await open();
      try {
        await act(fixture);
      } finally {
        await fixture.close();
      }
    }
    const ask = async ({ source }: Fixture, text: string): Promise<ImageAnswer> =>
      source.imageForReference(parseReference(text), patient);

    it("lists all tags in its menu but those of one architecture, by type and newest first", () =>
      using(({ source, resolvesOnDemand }) => {
        const tags = source.menuImages().images.map(({ image }) => image.tag.text);
        const known = ["r29_0_0", "w_2077_43", "w_2077_42", "w_2077_41", "d_2077_10_23", "exp_dask"];
        // Where its digest is not known, nobody can tell that old_weekly is an alias.
        expect(tags).toEqual(
          resolvesOnDemand
            ? ["recommended", ...known, "old_weekly"]
            : ["recommended", "old_weekly", ...known],
        );
      }));

    it("wants the newest of each type and the recommended image", () =>
      using(async ({ source }) => {
        const { images, warnings } = await source.updateImages(nothing, patient);
        const wanted = ["recommended", "r29_0_0", "w_2077_43", "w_2077_42", "d_2077_10_23"];
        expect(images.map(({ image }) => image.tag.text)).toEqual(wanted);
        expect(warnings).toEqual([]);
      }));

    it.each(Object.keys(suiteTags) as (keyof typeof suiteTags)[])(
      "answers %s by name, with its digest",
      (tag) =>
        using(async (fixture) => {
          const answer = await fixture.source.imageForTagName(tag, patient);
          const digest = fixture.digest(tag);
          expect(answer.image).toMatchObject({ digest, tag: { text: tag } });
          expect(answer.reference).toBe(`${fixture.repository}:${tag}@${digest}`);
          expect(await ask(fixture, `${fixture.repository}:${tag}`)).toEqual(answer);
          expect(await ask(fixture, answer.reference)).toMatchObject({
            image: { digest, tag: { text: tag } },
          });
        }),
    );

    it("resolves an alias to the main image of its digest", () =>
      using(async ({ source }) => {
        const { image, aliases } = await source.imageForTagName("recommended", patient);
        expect(image.tag).toMatchObject({ type: "alias", displayName: "Recommended (Weekly 2077_43)" });
        expect([image.aliasTarget, aliases]).toEqual(["w_2077_43", []]);
      }));

    it("answers a digest by the main image, and with a tag of that digest by this tag", () =>
      using(async (fixture) => {
        const digest = fixture.digest("w_2077_43");
        expect((await ask(fixture, `${fixture.repository}@${digest}`)).image.tag.text).toBe("w_2077_43");
        const byAlias = await ask(fixture, `${fixture.repository}:recommended@${digest}`);
        expect(byAlias.image.tag.text).toBe("recommended");
        const byOther = await ask(fixture, `${fixture.repository}:w_2077_42@${digest}`);
        expect(byOther.image.tag.text).toBe("w_2077_43");
      }));

    it.each<[string, (fixture: Fixture) => string, string]>([
      ["a tag that is not known", ({ repository }) => `${repository}:w_2077_01`, "unknown_image"],
      ["a digest that is not known", ({ repository }) => `${repository}@${sha("0")}`, "unknown_image"],
      ["both not known", ({ repository }) => `${repository}:w_2077_01@${sha("0")}`, "unknown_image"],
      [
        "a known tag with another digest",
        ({ repository }) => `${repository}:w_2077_43@${sha("0")}`,
        "digest_mismatch",
      ],
      ["another repository", ({ repository }) => `${repository}/other:w_2077_43`, "unknown_image"],
      ["another registry", () => "other.example.org/sciplat/lab:w_2077_43", "unknown_image"],
    ])("refuses %s", (_, text, fault) =>
      using(async (fixture) => {
        await expect(ask(fixture, text(fixture))).rejects.toMatchObject({ fault });
      }),
    );

    it("names both digests where they differ", () =>
      using(async (fixture) => {
        const asked = ask(fixture, `${fixture.repository}:w_2077_43@${sha("0")}`);
        await expect(asked).rejects.toThrow(sha("0"));
        await expect(asked).rejects.toThrow(fixture.digest("w_2077_43"));
      }));

    it("counts tags, and images whose digest is known", () =>
      using(({ source, resolvesOnDemand }) => {
        expect(source.menuImages().snapshot).toMatchObject({
          tagCount: 9,
          imageCount: resolvesOnDemand ? 5 : 9,
        });
      }));

    it("shows a mark at once, on whatever node, for every tag of the digest", () =>
      using((fixture) => {
        const { source, repository } = fixture;
        const digest = fixture.digest("w_2077_43");
        expect(source.markPrepulled(parseReference(`${repository}@${digest}`), "node-1", 5)).toBe(true);
        const { images } = source.prepulledImages(["node-1"], false);
        const marked = images.filter(({ prepulled }) => prepulled);
        expect(marked.map(({ image }) => image.tag.text)).toEqual(["recommended", "w_2077_43"]);
        expect(marked.map(({ size }) => size)).toEqual([5, 5]);
      }));

    it.each(["w_2077_41", "old_weekly"] as const)("says of %s on a node that nobody knows: unknown", (tag) =>
      using(({ source }) => {
        const { images } = source.prepulledImages(["node-1"], false);
        const entry = images.find(({ image }) => image.tag.text === tag);
        expect(entry).toMatchObject({
          counts: { present: 0, missing: 0, unknown: 1 },
          prepulled: false,
          wanted: false,
        });
      }),
    );
  });
}
