import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isHidden } from "../../src/domain/image.ts";
import type { ImageType } from "../../src/domain/image-type.ts";
import type { MenuFilter, TypePolicy } from "../../src/domain/menu-filter.ts";
import {
  collectionOf,
  day,
  filterMenu,
  type GoldenLine,
  golden,
  listed,
  oneDay,
  policy,
  texts,
  version,
} from "../support/domain.ts";
import { listings } from "../support/domain-arbitraries.ts";

const now = day("2077-11-18");

function filter(policies: Partial<Record<ImageType, Partial<TypePolicy>>>, hideUnknown = false): MenuFilter {
  const whole = Object.entries(policies).map(([type, given]) => [type, policy(given)]);
  return { policies: Object.fromEntries(whole), hideUnknown };
}

interface Asked {
  readonly recommended?: string;
  readonly now?: number;
}

/** The tags of a menu, of images that are given as tags; each has a digest of its own. */
function menu(given: readonly string[], by: MenuFilter, asked: Asked = {}): string[] {
  const images = collectionOf(given.map((text) => listed(text))).images;
  return texts(filterMenu(images, by, asked.recommended ?? "", asked.now ?? now));
}

describe("a whole menu", () => {
  const by = filter(
    {
      release: { cutoffVersion: version(28, 0, 0), number: 3 },
      weekly: { number: 2, age: 35 * oneDay },
      daily: { age: 5 * oneDay, cutoffDate: day("2077-11-15"), cutoffBuild: 10 },
      release_candidate: { cutoffVersion: version(30, 0, 0, 2) },
      experimental: { age: 30 * oneDay, cutoffVersion: version(28, 0, 0) },
    },
    true,
  );

  function collection(lines: readonly GoldenLine[]) {
    return collectionOf(
      lines
        .map(({ columns: [, text = "", digest] }) => listed(text, digest === "-" ? {} : { digest }))
        .reverse(),
    );
  }

  function actual(lines: readonly GoldenLine[]): string[] {
    const { images } = collection(lines);
    const shown = filterMenu(images, by, "w_2077_40", now);
    return images.map((image) => {
      const line = lines.find(({ columns }) => columns[1] === image.tag.text);
      const [mark, last] = shown.includes(image) ? ["+", image.tag.displayName] : ["-", line?.columns[3]];
      return [mark, image.tag.text, line?.columns[2], last].join(" | ");
    });
  }

  const lines = golden("menu.txt", actual);

  it("is that of the golden file, in its order", () => {
    expect(lines.length).toBeGreaterThan(30);
    expect(actual(lines)).toEqual(lines.map(({ line }) => line));
  });

  it("stands in the order of the images", () => {
    const { images } = collection(lines);
    const shown = filterMenu(images, by, "w_2077_40", now);
    expect(shown).toEqual(images.filter((image) => shown.includes(image)));
  });
});

const weeklies = ["w_2077_46", "w_2077_45", "w_2077_44", "w_2077_43"];

describe("what a menu shows", () => {
  it.each<[string, readonly string[], MenuFilter, Asked, readonly string[]]>([
    ["without policies all", [...weeklies, "odd"], filter({}), {}, [...weeklies, "odd"]],
    [
      "but for what is made for an architecture",
      ["w_2077_46-amd64", "odd-arm64", "w_2077_45"],
      filter({}),
      {},
      ["w_2077_45"],
    ],
    [
      "which holds also for the recommended one",
      ["w_2077_46-amd64", "w_2077_45"],
      filter({}),
      { recommended: "w_2077_46-amd64" },
      ["w_2077_45"],
    ],
    [
      "a policy holds for its own type only",
      ["r30_0_0", "w_2077_46", "exp_w_2077_46"],
      filter({ weekly: { number: 0 } }),
      {},
      ["r30_0_0", "exp_w_2077_46"],
    ],

    [
      "number: the first that many",
      weeklies,
      filter({ weekly: { number: 2 } }),
      {},
      ["w_2077_46", "w_2077_45"],
    ],
    ["number: 0 keeps none", weeklies, filter({ weekly: { number: 0 } }), {}, []],
    [
      "number: 0 keeps the recommended one",
      weeklies,
      filter({ weekly: { number: 0 } }),
      { recommended: "w_2077_44" },
      ["w_2077_44"],
    ],
    ["number: more than there are keeps all", weeklies, filter({ weekly: { number: 9 } }), {}, weeklies],
    [
      "number: and the recommended one, if it is not among them",
      weeklies,
      filter({ weekly: { number: 2 } }),
      { recommended: "w_2077_43" },
      ["w_2077_46", "w_2077_45", "w_2077_43"],
    ],
    [
      "number: not one more, if it is among them",
      weeklies,
      filter({ weekly: { number: 2 } }),
      { recommended: "w_2077_45" },
      ["w_2077_46", "w_2077_45"],
    ],
    [
      "number: counted after the other rules",
      ["w_2077_46_rsp1", "w_2077_45_rsp9", "w_2077_44_rsp8", "w_2077_43_rsp7"],
      filter({ weekly: { number: 2, cutoffBuild: 7 } }),
      {},
      ["w_2077_45_rsp9", "w_2077_44_rsp8"],
    ],
    [
      "number: what is made for an architecture is not counted",
      ["w_2077_46", "w_2077_46-amd64", "w_2077_45-arm64", "w_2077_45", "w_2077_44"],
      filter({ weekly: { number: 2 } }),
      {},
      ["w_2077_46", "w_2077_45"],
    ],

    [
      "age: a date that is exactly that old passes",
      ["d_2077_11_16", "d_2077_11_15"],
      filter({ daily: { age: 2 * oneDay } }),
      {},
      ["d_2077_11_16"],
    ],
    [
      "age: a millisecond older does not",
      ["d_2077_11_16"],
      filter({ daily: { age: 2 * oneDay } }),
      { now: now + 1 },
      [],
    ],
    [
      "age: 0 asks for now or later",
      ["d_2077_11_19", "d_2077_11_18", "d_2077_11_17"],
      filter({ daily: { age: 0 } }),
      {},
      ["d_2077_11_19", "d_2077_11_18"],
    ],
    [
      "age: a weekly has the date of its Thursday",
      ["w_2077_46", "w_2077_45"],
      filter({ weekly: { age: 6 * oneDay } }),
      {},
      ["w_2077_46"],
    ],
    [
      "age: tags without a date pass",
      ["r9_0_0", "exp_random"],
      filter({ release: { age: 0 }, experimental: { age: 0 } }),
      {},
      ["r9_0_0", "exp_random"],
    ],
    [
      "cutoffDate: that day passes, the day before does not",
      ["d_2077_11_16", "d_2077_11_15"],
      filter({ daily: { cutoffDate: day("2077-11-16") } }),
      {},
      ["d_2077_11_16"],
    ],
    [
      "cutoffDate: tags without a date pass",
      ["r9_0_0"],
      filter({ release: { cutoffDate: now } }),
      {},
      ["r9_0_0"],
    ],
    [
      "cutoffDate: 0 is a date that all have reached",
      ["d_2077_11_16", "d_1969_12_31"],
      filter({ daily: { cutoffDate: 0 } }),
      {},
      ["d_2077_11_16"],
    ],
    [
      "age and cutoffDate: the later bound, here the date",
      ["d_2077_11_17", "d_2077_11_16"],
      filter({ daily: { age: 9 * oneDay, cutoffDate: day("2077-11-17") } }),
      {},
      ["d_2077_11_17"],
    ],
    [
      "age and cutoffDate: the later bound, here the age",
      ["d_2077_11_17", "d_2077_11_16"],
      filter({ daily: { age: oneDay, cutoffDate: 0 } }),
      {},
      ["d_2077_11_17"],
    ],

    [
      "cutoffVersion: that version passes",
      ["r26_0_0", "r25_0_0", "r24_9_9"],
      filter({ release: { cutoffVersion: version(25, 0, 0) } }),
      {},
      ["r26_0_0", "r25_0_0"],
    ],
    [
      "cutoffVersion: a candidate is below its release",
      ["r25_0_0_rc9", "r25_0_1_rc1"],
      filter({ release_candidate: { cutoffVersion: version(25, 0, 0) } }),
      {},
      ["r25_0_1_rc1"],
    ],
    [
      "cutoffVersion: candidates count as numbers",
      ["r25_0_0_rc10", "r25_0_0_rc2", "r25_0_0_rc1"],
      filter({ release_candidate: { cutoffVersion: version(25, 0, 0, 2) } }),
      {},
      ["r25_0_0_rc10", "r25_0_0_rc2"],
    ],
    [
      "cutoffVersion: a release is above its candidates",
      ["r25_0_0", "r24_0_0"],
      filter({ release: { cutoffVersion: version(25, 0, 0, 2) } }),
      {},
      ["r25_0_0"],
    ],
    [
      "cutoffVersion: versions made of dates are none",
      ["w_2021_22", "d_2021_05_27"],
      filter({
        weekly: { cutoffVersion: version(9999, 0, 0) },
        daily: { cutoffVersion: version(9999, 0, 0) },
      }),
      {},
      ["w_2021_22", "d_2021_05_27"],
    ],
    [
      "cutoffVersion: an experimental one is what it is built on",
      ["exp_r28_0_1_x", "exp_r24_0_0", "exp_w_2021_22", "exp_random"],
      filter({ experimental: { cutoffVersion: version(25, 0, 0) } }),
      {},
      ["exp_random", "exp_w_2021_22", "exp_r28_0_1_x"],
    ],
    [
      "cutoffVersion: 0.0.0 is a version that all have reached",
      ["r0_0_0", "r0_0_1"],
      filter({ release: { cutoffVersion: version(0, 0, 0) } }),
      {},
      ["r0_0_1", "r0_0_0"],
    ],

    [
      "cutoffBuild: that build passes, tags without one pass",
      ["w_2077_46", "w_2077_45_rsp10", "w_2077_44_rsp9"],
      filter({ weekly: { cutoffBuild: 10 } }),
      {},
      ["w_2077_46", "w_2077_45_rsp10"],
    ],
    [
      "cutoffBuild: 0 is a build that all have reached",
      ["w_2077_45_rsp0"],
      filter({ weekly: { cutoffBuild: 0 } }),
      {},
      ["w_2077_45_rsp0"],
    ],
    [
      "all that are given must hold",
      ["d_2077_11_18_rsp9", "d_2077_11_18_rsp10", "d_2077_11_17_rsp10"],
      filter({ daily: { age: 0, cutoffBuild: 10 } }),
      {},
      ["d_2077_11_18_rsp10"],
    ],

    [
      "the recommended one passes whatever its age",
      ["d_2077_11_18", "d_2021_05_27"],
      filter({ daily: { age: 0 } }),
      { recommended: "d_2021_05_27" },
      ["d_2077_11_18", "d_2021_05_27"],
    ],
    [
      "whatever its version",
      ["r30_0_0", "r9_0_0"],
      filter({ release: { cutoffVersion: version(25, 0, 0) } }),
      { recommended: "r9_0_0" },
      ["r30_0_0", "r9_0_0"],
    ],
    [
      "whatever its build",
      ["w_2077_46_rsp1"],
      filter({ weekly: { cutoffBuild: 2 } }),
      { recommended: "w_2077_46_rsp1" },
      ["w_2077_46_rsp1"],
    ],
    ["unknown ones pass, last", ["odd", "w_2077_46"], filter({}), {}, ["w_2077_46", "odd"]],
    ["unknown: hide hides them", ["odd", "w_2077_60", "w_2077_46"], filter({}, true), {}, ["w_2077_46"]],
  ])("%s", (_, given, by, asked, shown) => {
    expect(menu(given, by, asked)).toEqual(shown);
    expect(menu(given.toReversed(), by, asked)).toEqual(shown);
  });

  it("aliases always pass: the type after resolution decides", () => {
    const { images } = collectionOf([
      listed("recommended", { alias: true }),
      listed("odd", { digest: "a" }),
      listed("d_2021_05_27", { digest: "a" }),
      listed("stranger", { digest: "b" }),
    ]);
    const shown = filterMenu(images, filter({ daily: { number: 0, age: 0 } }, true), "", now);
    expect(texts(shown)).toEqual(["recommended", "odd"]);
    const none = policy({
      number: 0,
      age: 0,
      cutoffDate: now,
      cutoffBuild: 1,
      cutoffVersion: version(99, 0, 0),
    });
    expect(texts(filterMenu(images, { policies: { alias: none }, hideUnknown: true }, "", now))).toEqual([
      ...["recommended", "odd", "d_2021_05_27"],
    ]);
  });

  it("an alias that took an architecture from its target is hidden", () => {
    const { images } = collectionOf([
      listed("latest", { digest: "a", alias: true }),
      listed("w_2077_46-arm64", { digest: "a" }),
    ]);
    expect(filterMenu(images, filter({}), "", now)).toEqual([]);
  });

  it("never more than the number and the recommended one, never anything hidden, always in order", () => {
    const given = fc.tuple(listings, fc.nat(3), fc.constantFrom("w_2077_43", "w_2077_44", "r29_0_0", ""));
    fc.assert(
      fc.property(given, ([all, number, recommended]) => {
        const { images } = collectionOf(all);
        const shown = filterMenu(
          images,
          filter({ weekly: { number }, release: { number } }),
          recommended,
          now,
        );
        for (const type of ["weekly", "release"] as const) {
          const visible = images.filter((image) => image.tag.type === type && !isHidden(image));
          const expected = visible.filter((image, i) => i < number || image.tag.text === recommended);
          expect(shown.filter((image) => image.tag.type === type)).toEqual(expected);
        }
        const others = images.filter(
          (image) => !["weekly", "release"].includes(image.tag.type) && !isHidden(image),
        );
        expect(shown.filter((image) => !["weekly", "release"].includes(image.tag.type))).toEqual(others);
        expect(shown).toEqual(images.filter((image) => shown.includes(image)));
      }),
    );
  });
});
