/**
 * What the source `lab` answers as the registry changes, one state after the other: a tag is added, two are moved,
 * two are deleted, a pinned one is deleted, a release is deleted.
 */
import type { Image } from "../../../gen/imagesource/v1/image_pb.ts";
import { chosenAtStart, labImagesByTag } from "./lab-images.ts";
import { menuAtStart } from "./lab-menu.ts";
import {
  ALIAS,
  DAILY,
  day,
  EXPERIMENTAL,
  image,
  type Place,
  RELEASE,
  type Row,
  replaced,
  WEEKLY,
  without,
} from "./rows.ts";

export interface State {
  readonly menu: readonly Row[];
  readonly chosen: readonly Image[];
  readonly tagCount: number;
  /** A text that each warning of the update names, in order. */
  readonly warnings: readonly string[];
}

/** The images of some tags: as at start, or as given. */
function some(place: Place, tags: readonly string[], changed: Readonly<Record<string, Image>>): Image[] {
  const before = labImagesByTag(place);
  return tags.map((tag) => (changed[tag] ?? before[tag]) as Image);
}

/**
 * `w_2077_45` is added, with the digest of `w_2077_42_c0044.012`. Now `w_2077_43_c0045.003` is the third weekly and
 * not resolved: `recommended` has lost its target, and its plain name is left.
 */
// biome-ignore format: a table
export function added(place: Place): State {
  const { lab, digests: d } = place;
  const rows = replaced(menuAtStart(place), [
    ["recommended", "Recommended", ALIAS, d.w43, ["wanted", "recommended"]],
    ["w_2077_43_c0045.003", "Weekly 2077_43 (SAL Cycle 0045, Build 003)", WEEKLY],
  ]);
  const weeklies = rows.findIndex(([tag]) => tag === "w_2077_44");
  rows.splice(weeklies, 0, ["w_2077_45", "Weekly 2077_45", WEEKLY, d.w42, ["wanted"]]);
  return {
    menu: rows,
    chosen: some(
      place,
      ["recommended", "latest_release", "r28_0_1", "w_2077_45", "w_2077_44", "w_2077_44-arm64",
        "d_2077_10_31", "d_2077_10_30", "d_2077_10_29"],
      {
        recommended: image(lab, { tag: "recommended", digest: d.w43, type: ALIAS, displayName: "Recommended", recommended: true }),
        w_2077_45: newWeekly(place),
      },
    ),
    tagCount: 27,
    warnings: [],
  };
}

const newWeekly = ({ lab, digests: d }: Place) =>
  image(lab, {
    tag: "w_2077_45",
    digest: d.w42,
    type: WEEKLY,
    displayName: "Weekly 2077_45",
    date: day("2077-11-11"),
  });

/** `recommended` is moved to `w_2077_44`, `d_2077_10_31` to the digest of `d_2077_10_28`, which is not resolved. */
// biome-ignore format: a table
export function moved(place: Place): State {
  const { lab, digests: d } = place;
  return {
    menu: replaced(added(place).menu, [
      ["recommended", "Recommended (Weekly 2077_44)", ALIAS, d.w44, ["wanted", "recommended"]],
      ["d_2077_10_31", "Daily 2077_10_31", DAILY, d.d28, ["wanted"]],
    ]),
    chosen: some(
      place,
      ["recommended", "latest_release", "r28_0_1", "w_2077_45", "w_2077_44", "w_2077_44-arm64",
        "d_2077_10_31", "d_2077_10_30", "d_2077_10_29"],
      {
        ...changedWeeklies(place),
        d_2077_10_31: image(lab, { tag: "d_2077_10_31", digest: d.d28, type: DAILY, displayName: "Daily 2077_10_31", date: day("2077-10-31") }),
      },
    ),
    tagCount: 27,
    warnings: [],
  };
}

const changedWeeklies = (place: Place): Record<string, Image> => {
  const { lab, digests: d } = place;
  return {
    recommended: image(lab, {
      tag: "recommended",
      digest: d.w44,
      type: ALIAS,
      displayName: "Recommended (Weekly 2077_44)",
      aliasTarget: "w_2077_44",
      date: day("2077-11-04"),
      recommended: true,
    }),
    w_2077_44: image(lab, {
      tag: "w_2077_44",
      digest: d.w44,
      type: WEEKLY,
      displayName: "Weekly 2077_44",
      aliases: ["recommended"],
      date: day("2077-11-04"),
    }),
    w_2077_45: newWeekly(place),
  };
};

/** `d_2077_10_30` and `MiXeD_CaSe` are deleted: `d_2077_10_28` is the third daily, with the digest of the first. */
// biome-ignore format: a table
export function deleted(place: Place): State {
  const { lab, digests: d } = place;
  return {
    menu: replaced(without(moved(place).menu, "d_2077_10_30", "MiXeD_CaSe"), [
      ["d_2077_10_28", "Daily 2077_10_28", DAILY, d.d28, ["wanted"]],
    ]),
    chosen: some(
      place,
      ["recommended", "latest_release", "r28_0_1", "w_2077_45", "w_2077_44", "w_2077_44-arm64",
        "d_2077_10_31", "d_2077_10_29", "d_2077_10_28"],
      {
        ...changedWeeklies(place),
        d_2077_10_31: image(lab, {
          tag: "d_2077_10_31", digest: d.d28, type: DAILY, displayName: "Daily 2077_10_31",
          aliases: ["d_2077_10_28"], date: day("2077-10-31"),
        }),
        d_2077_10_28: image(lab, {
          tag: "d_2077_10_28", digest: d.d28, type: DAILY, displayName: "Daily 2077_10_28",
          aliases: ["d_2077_10_31"], date: day("2077-10-28"),
        }),
      },
    ),
    tagCount: 25,
    warnings: [],
  };
}

/** A caller has pinned `exp_random` instead of what the configuration pins. */
// biome-ignore format: a table
export function pinned(place: Place): State {
  const { digests: d } = place;
  const before = deleted(place);
  return {
    ...before,
    menu: replaced(before.menu, [
      ["latest_release", "Latest Release", ALIAS], // pinned no more, so not resolved
      ["exp_random", "Experimental random", EXPERIMENTAL, d.expRandom, ["wanted"]],
    ]),
    chosen: [...unpinned(place, before.chosen), labImagesByTag(place).exp_random as Image],
  };
}

/** It is deleted. */
export function pinnedDeleted(place: Place): State {
  const before = pinned(place);
  return {
    menu: without(before.menu, "exp_random"),
    chosen: unpinned(place, before.chosen),
    tagCount: 24,
    warnings: ["exp_random"],
  };
}

/** Without the configured pins, and without the alias that one of them was. */
function unpinned({ lab, digests: d }: Place, images: readonly Image[]): Image[] {
  const release = image(lab, {
    tag: "r28_0_1",
    digest: d.r28,
    type: RELEASE,
    displayName: "Release r28.0.1",
  });
  const gone = ["latest_release", "w_2077_44-arm64", "exp_random"];
  return images
    .filter(({ tag }) => !gone.includes(tag))
    .map((one) => (one.tag === "r28_0_1" ? release : one));
}

/** Pinned as configured again; `r28_0_1` is deleted alone: its alias has nothing to point to, and keeps its plain name. */
// biome-ignore format: a table
export function releaseDeleted(place: Place): State {
  const { lab, digests: d } = place;
  const alias = image(lab, { tag: "latest_release", digest: d.r28, type: ALIAS, displayName: "Latest Release" });
  const next = labImagesByTag(place).r27_0_0_rsp19 as Image;
  return {
    menu: replaced(without(deleted(place).menu, "exp_random", "r28_0_1"), [
      ["latest_release", "Latest Release", ALIAS, d.r28, ["wanted"]],
      ["r27_0_0_rsp19", "Release r27.0.0 (RSP Build 19)", RELEASE, d.r27, ["wanted"]],
    ]),
    chosen: deleted(place).chosen.map((one) => ({ latest_release: alias, r28_0_1: next })[one.tag] ?? one),
    tagCount: 23,
    warnings: [],
  };
}

/** Where deleting takes all tags of the digest: the alias, which is pinned, is gone as well. */
export function releaseDeletedWithAlias(place: Place): State {
  const alone = releaseDeleted(place);
  return {
    menu: without(alone.menu, "latest_release"),
    chosen: alone.chosen.filter(({ tag }) => tag !== "latest_release"),
    tagCount: 22,
    warnings: ["latest_release"],
  };
}

/** As seeded. */
export const unchanged = (place: Place): State => ({
  menu: menuAtStart(place),
  chosen: some(place, chosenAtStart, {}),
  tagCount: 26,
  warnings: [],
});
