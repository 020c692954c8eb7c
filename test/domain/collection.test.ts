import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collecting } from "../../src/domain/collection.ts";
import { aliasesOf, type Image, isHidden, type ListedTag } from "../../src/domain/image.ts";
import { imageTypes } from "../../src/domain/image-type.ts";
import { compareListed } from "../../src/domain/order.ts";
import { finish, stepSize } from "../../src/domain/steps.ts";
import { collectionOf, type GoldenLine, golden, listed, sha, texts } from "../support/domain.ts";
import { listings } from "../support/domain-arbitraries.ts";

function inputOf({ columns: [text = "", digest = "", alias = ""] }: GoldenLine): ListedTag {
  return listed(text, { digest: digest === "-" ? undefined : digest, alias: alias !== "" });
}

function outputOf(image: Image): string {
  const { tag } = image;
  const told = [
    tag.cycle === undefined ? "" : `cycle=${tag.cycle}`,
    tag.architecture === undefined ? "" : `architecture=${tag.architecture}`,
    tag.date === undefined ? "" : `date=${new Date(tag.date).toISOString().slice(0, 10)}`,
  ].filter((text) => text !== "");
  return [
    tag.type,
    tag.displayName,
    image.aliasTarget ?? "",
    aliasesOf(image).join(" "),
    told.join(" "),
  ].join(" | ");
}

/** The collection of the lines in any order, as lines. */
function collected(lines: readonly GoldenLine[], input = lines.map(inputOf)): string[] {
  return collectionOf(input).images.map((image) => {
    const line = lines.find(({ columns: [text] }) => text === image.tag.text);
    const input = [...(line?.columns.slice(0, 2) ?? []), `${line?.columns[2]} || ${outputOf(image)}`];
    return input.join(" | ").replaceAll(/ +/g, " ").trim();
  });
}

describe("a collection", () => {
  const lines = golden("collection.txt", collected);

  it.each([
    ["as listed", (all: ListedTag[]) => all],
    ["reversed", (all: ListedTag[]) => all.toReversed()],
    ["by text", (all: ListedTag[]) => all.toSorted((a, b) => (a.tag.text < b.tag.text ? -1 : 1))],
  ])("is that of the golden file, from an input %s", (_, arrange) => {
    expect(lines.length).toBeGreaterThan(20);
    expect(collected(lines, arrange(lines.map(inputOf)))).toEqual(lines.map(({ line }) => line));
  });

  const golden_ = collectionOf(lines.map(inputOf));

  it("counts the images whose digest is known", () => {
    expect(golden_.digestCount).toBe(lines.filter(({ columns }) => columns[1] !== "-").length);
  });

  it.each([
    ["the main primary", "a", "d_2077_10_23_c0045.003"],
    ["the generic primary, whatever its type", "b", "w_2077_43"],
    ["a primary for an architecture where there is no other", "c", "w_2077_45-amd64"],
    ["the first alias where there is no primary", "d", "lonely"],
    ["the first of the primaries of one type", "e", "r22_0_1"],
    ["an unknown one where there is nothing else", "16", "v1.2.3-alpine"],
    ["nothing for another digest", "ff", undefined],
  ])("by digest: %s", (_, hex, text) => {
    expect(golden_.byDigest(sha(hex))?.tag.text).toBe(text);
  });

  it.each([
    ["alias", "recommended"],
    ["release", "r22_0_1"],
    ["weekly", "w_2077_44"],
    ["daily", "d_2077_10_23_c0045.003"],
    ["release_candidate", "r30_0_0_rc10"],
    ["experimental", "exp_zzz"],
    ["unknown", "zz_other"],
  ] as const)("latest: the first %s that is not made for one architecture is %s", (type, text) => {
    expect(golden_.latest(type)?.tag.text).toBe(text);
  });

  it("latest: none where all of a type are made for one architecture", () => {
    expect(collectionOf([listed("w_2077_43-amd64"), listed("r22_0_1")]).latest("weekly")).toBeUndefined();
  });

  it("by tag: an image, hidden or not, or nothing", () => {
    expect(golden_.byTag("w_2077_45-amd64")?.tag.text).toBe("w_2077_45-amd64");
    expect(golden_.byTag("w_2077_44")).toMatchObject({ digest: undefined });
    expect(golden_.byTag("w_2077_4")).toBeUndefined();
    expect(golden_.byTag("__proto__")).toBeUndefined();
  });

  it("a subset stands in order, without what is not there", () => {
    const subset = golden_.subset(new Set(["w_2077_43", "gone", "recommended", "w_2077_45-amd64", "r220"]));
    expect(texts(subset)).toEqual(["recommended", "r220", "w_2077_45-amd64", "w_2077_43"]);
  });

  it("a tag that stands twice counts once, the last one wins", () => {
    const twice = collectionOf([
      listed("latest", { digest: "a" }),
      listed("w_2077_43", { digest: "a" }),
      listed("latest", { digest: "b" }),
    ]);
    expect(texts(twice.images)).toEqual(["w_2077_43", "latest"]);
    expect(twice.images.map(aliasesOf)).toEqual([[], []]);
    expect(twice.byTag("latest")?.digest).toBe(sha("b"));
    expect(twice.digestCount).toBe(2);
  });

  it("of nothing is empty", () => {
    const empty = collectionOf([]);
    expect(empty).toMatchObject({ images: [], digestCount: 0 });
    expect(imageTypes.map((type) => empty.latest(type))).toEqual(imageTypes.map(() => undefined));
  });
});

describe("an image that is resolved on demand is placed like any other", () => {
  const collection = collectionOf([
    listed("w_2077_43", { digest: "a" }),
    listed("recommended", { digest: "a", alias: true }),
    listed("latest", { alias: true }),
    listed("w_2077_44"),
    listed("lonely", { digest: "b", alias: true }),
    listed("w_2077_42", { digest: "c" }),
    listed("late-arm64"),
    listed("w_2077_41-arm64", { digest: "d" }),
  ]);

  it.each([
    [
      "an alias of a primary",
      "latest",
      "a",
      "alias",
      "Latest (Weekly 2077_43)",
      "w_2077_43",
      ["recommended", "w_2077_43"],
    ],
    [
      "an alias of what is made for an architecture",
      "latest",
      "d",
      "alias",
      "Latest (Weekly 2077_41) [arm64]",
      "w_2077_41-arm64",
      ["w_2077_41-arm64"],
    ],
    [
      "an unknown tag becomes an alias",
      "late-arm64",
      "a",
      "alias",
      "Late (Weekly 2077_43) [arm64]",
      "w_2077_43",
      ["recommended", "w_2077_43"],
    ],
    [
      "another primary of a known digest",
      "w_2077_44",
      "a",
      "weekly",
      "Weekly 2077_44",
      undefined,
      ["recommended", "w_2077_43"],
    ],
    [
      "a primary whose digest only aliases have",
      "w_2077_44",
      "b",
      "weekly",
      "Weekly 2077_44",
      undefined,
      ["lonely"],
    ],
    ["a digest of its own", "w_2077_44", "e", "weekly", "Weekly 2077_44", undefined, []],
    ["an alias without a primary", "latest", "b", "alias", "Latest", undefined, ["lonely"]],
    [
      "a tag that has moved to a digest of its own",
      "recommended",
      "e",
      "alias",
      "Recommended",
      undefined,
      [],
    ],
    [
      "a tag that has moved to another image",
      "recommended",
      "c",
      "alias",
      "Recommended (Weekly 2077_42)",
      "w_2077_42",
      ["w_2077_42"],
    ],
  ] as const)("%s", (_, text, digest, type, displayName, aliasTarget, aliases) => {
    const alias = ["latest", "recommended"].includes(text);
    const image = collection.place(listed(text, { digest, alias }));
    expect(image).toMatchObject({ digest: sha(digest), aliasTarget, tag: { text, type, displayName } });
    expect(aliasesOf(image)).toEqual(aliases);
  });

  it("what it is placed in does not change", () => {
    const before = [...collection.images];
    collection.place(listed("latest", { digest: "a", alias: true }));
    expect([...collection.images]).toEqual(before);
    expect(collection.byTag("w_2077_43")?.siblings).toEqual(["recommended", "w_2077_43"]);
  });
});

describe("whatever is listed", () => {
  it("collected in steps is the same, also of several steps' size", () => {
    const many = Array.from({ length: 3 * stepSize }, (_, i) =>
      listed(`${i % 3 === 0 ? "r" : "exp_r"}${i % 50}_${i % 7}_${i}`, { digest: `${i % 900}x`, alias: true }),
    );
    const steps = collecting(many);
    let yielded = 0;
    let step = steps.next();
    for (; !step.done; step = steps.next()) {
      yielded += 1;
    }
    const { images } = step.value;
    expect(yielded).toBeGreaterThanOrEqual(3);
    expect(images).toEqual(collectionOf(many).images);
    expect(images.map(({ tag }) => tag)).toEqual(many.map(({ tag }) => tag).sort(compareListed));
    fc.assert(
      fc.property(listings, (all) => {
        expect(finish(collecting(all)).images).toEqual(collectionOf(all).images);
      }),
    );
  });

  it("equal input in any order gives an equal collection, in order and with each tag once", () => {
    const shuffled = listings.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        const { images } = collectionOf(all);
        expect(collectionOf(other).images).toEqual(images);
        expect(texts(images).sort()).toEqual(texts(all).sort());
        expect(images.map(({ tag }) => tag).sort(compareListed)).toEqual(images.map(({ tag }) => tag));
      }),
    );
  });

  it("aliases are symmetric, sorted, never the image itself, none twice, and exactly the tags of the digest", () => {
    fc.assert(
      fc.property(listings, (all) => {
        for (const image of collectionOf(all).images) {
          const aliases = aliasesOf(image);
          const same = all.filter(
            ({ tag, digest }) =>
              digest !== undefined && digest === image.digest && tag.text !== image.tag.text,
          );
          expect(aliases).toEqual(texts(same).sort());
          expect(image.siblings).toEqual(aliases.length === 0 ? [] : [image.tag.text, ...aliases].sort());
        }
      }),
    );
  });

  it("an alias target is the image that its digest is found by, a primary; primaries have none", () => {
    fc.assert(
      fc.property(listings, (all) => {
        const collection = collectionOf(all);
        for (const image of collection.images) {
          const primaries = all.filter(
            ({ tag, digest }) => digest === image.digest && tag.type !== "alias" && tag.type !== "unknown",
          );
          const main = image.digest === undefined ? undefined : collection.byDigest(image.digest);
          const isAlias = image.tag.type === "alias" && image.digest !== undefined && primaries.length > 0;
          expect(image.aliasTarget).toBe(isAlias ? main?.tag.text : undefined);
          if (image.digest !== undefined) {
            expect(main && primaries.length > 0 ? texts(primaries) : [main?.tag.text]).toContain(
              main?.tag.text,
            );
          }
        }
      }),
    );
  });

  it("latest is the first of its type that lists show", () => {
    fc.assert(
      fc.property(listings, (all) => {
        const collection = collectionOf(all);
        for (const type of imageTypes) {
          const shown = collection.images.filter((image) => image.tag.type === type && !isHidden(image));
          expect(collection.latest(type)).toEqual(shown[0]);
        }
      }),
    );
  });

  it("a listed tag is placed where it stands, when it has the same digest", () => {
    fc.assert(
      fc.property(listings, (all) => {
        const collection = collectionOf(all);
        for (const one of all) {
          expect(collection.place(one)).toEqual(collection.byTag(one.tag.text));
        }
      }),
    );
  });

  it("a tag that is resolved on demand is placed where a listing with its digest would have it", () => {
    const one = fc.tuple(
      listings.filter((all) => all.length > 0),
      fc.nat(),
      fc.constantFrom("a", "b", "e"),
    );
    fc.assert(
      fc.property(one, ([all, at, hex]) => {
        const moved = { ...(all[at % all.length] as ListedTag), digest: sha(hex), platforms: [] };
        const others = all.filter(({ tag }) => tag.text !== moved.tag.text);
        const placed = collectionOf(all).place(moved);
        const whole = collectionOf([...others, moved]).byTag(moved.tag.text);
        const isPrimary = moved.tag.type !== "alias" && moved.tag.type !== "unknown";
        expect(placed).toEqual(whole);
        expect(isPrimary ? placed.aliasTarget : undefined).toBeUndefined();
      }),
    );
  });
});
