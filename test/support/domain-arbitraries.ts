/**
 * Arbitrary tags and listings, few enough of each kind that they meet: equal digests, equal versions, ties.
 */
import fc from "fast-check";
import type { ListedTag } from "../../src/domain/image.ts";
import type { Tag } from "../../src/domain/tag.ts";
import { aliasTag, listed, tag } from "./domain.ts";

const suffixes = fc
  .tuple(
    fc.constantFrom("", "", "_c0045.003", "_c45.3", "_c46.1"),
    fc.constantFrom("", "", "_rsp9", "_rsp10"),
    fc.constantFrom("", "", "_foo", "_Bar"),
    fc.constantFrom("", "", "", "-amd64", "-arm64", "-aarch64"),
  )
  .map((parts) => parts.join(""));

const stems = fc.constantFrom(
  ...["r29_0_0", "r29_0_1", "r029_0_1", "r30_0_0_rc9", "r30_0_0_rc10", "r30_0_0_rc010"],
  ...["w_2077_43", "w_2077_44", "w_2077_044", "w_2077_60", "d_2077_10_23", "d_2077_10_24", "d_2077_13_40"],
);

const names = fc
  .tuple(
    fc.constantFrom("recommended", "latest", "latest_weekly", "MiXeD", "v1.2.3-alpine", "a", "r170", "r291"),
    fc.constantFrom("", "", "_c0045", "_c46"),
    fc.constantFrom("", "", "-amd64", "-arm64"),
  )
  .map((parts) => parts.join(""));

/** Texts of tags that registries hold, of every shape. */
export const tagTexts: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom("", "", "", "", "exp_", "exp_exp_"),
    fc.oneof(
      fc.tuple(stems, suffixes).map((parts) => parts.join("")),
      names,
    ),
  )
  .map((parts) => parts.join(""));

/** Texts of any kind, tags or not. */
export const anyTexts: fc.Arbitrary<string> = fc.oneof(
  tagTexts,
  fc.string({ unit: "binary", maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        "r1",
        "_0",
        "_rc",
        "w_",
        "d_",
        "exp_",
        "2021",
        "_c",
        ".",
        "_rsp",
        "-amd64",
        "-",
        "9999999999",
        "\n",
        "\ud800",
        "é",
        "٣",
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join("")),
);

export const tags: fc.Arbitrary<Tag> = fc
  .tuple(tagTexts, fc.boolean())
  .map(([text, alias]) => (alias ? aliasTag(text) : tag(text)));

/** Listings of up to 12 tags, each once, of up to 4 digests; some have none. */
export const listings: fc.Arbitrary<ListedTag[]> = fc
  .uniqueArray(
    fc.record({
      text: tagTexts,
      alias: fc.boolean(),
      digest: fc.constantFrom("a", "b", "c", "d", undefined),
      size: fc.constantFrom(undefined, undefined, 0, 7),
    }),
    { selector: ({ text }) => text, maxLength: 12 },
  )
  .map((entries) =>
    entries.map(({ text, ...parts }) => listed(text, { ...parts, platforms: platformsOf(parts.digest) })),
  );

/** A digest always has the same platforms. */
function platformsOf(digest: string | undefined): string[] {
  return digest === "a" || digest === "b" ? [`${digest}1`, `${digest}2`] : [];
}
