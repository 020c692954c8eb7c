/**
 * What the other sources answer, before any node is known: `cycle` and `short`, which read the same repository as
 * `lab`, and `many`.
 */
import type { Image } from "../../../gen/imagesource/v1/image_pb.ts";
import type { ImageName } from "../support/content.ts";
import { labRepository, manyRepository, manyTags } from "../support/content.ts";
import {
  ALIAS,
  DAILY,
  day,
  EXPERIMENTAL,
  image,
  type Place,
  type PrepulledTable,
  RELEASE,
  RELEASE_CANDIDATE,
  type Row,
  UNKNOWN,
  WEEKLY,
} from "./rows.ts";

export interface SourceExpectation {
  readonly name: string;
  readonly repository: string;
  readonly menu: readonly Row[];
  /** What is prepulled is listed unfiltered. */
  readonly all: readonly Row[];
  readonly aliases: PrepulledTable["aliases"];
  /** What is chosen to be prepulled, in order. */
  readonly chosen: readonly Image[];
  readonly tagCount: number;
  readonly imageCount: number;
}

type Digests = Readonly<Record<ImageName, string>>;

/** Only tags whose text names cycle 45. The recommended tag is one of them, and so an alias. */
// biome-ignore format: a table
function cycle({ lab, digests: d }: Place): SourceExpectation {
  const menu: Row[] = [
    ["recommended_c0045", "Recommended (Weekly 2077_43, SAL Cycle 0045, Build 003)", ALIAS, d.w43, ["wanted", "recommended"]],
    ["w_2077_43_c0045.003", "Weekly 2077_43 (SAL Cycle 0045, Build 003)", WEEKLY, d.w43, ["wanted"]],
    ["exp_w_2077_40_c0045.001_try", "Experimental Weekly 2077_40 (SAL Cycle 0045, Build 001) [try]", EXPERIMENTAL],
  ];
  return {
    name: "cycle",
    repository: labRepository,
    menu,
    all: menu,
    aliases: {
      recommended_c0045: { target: "w_2077_43_c0045.003", all: ["w_2077_43_c0045.003"] },
      "w_2077_43_c0045.003": { all: ["recommended_c0045"] },
    },
    chosen: [
      image(lab, {
        tag: "recommended_c0045", digest: d.w43, type: ALIAS,
        displayName: "Recommended (Weekly 2077_43, SAL Cycle 0045, Build 003)",
        aliasTarget: "w_2077_43_c0045.003", cycle: 45, date: day("2077-10-28"), recommended: true,
      }),
      image(lab, {
        tag: "w_2077_43_c0045.003", digest: d.w43, type: WEEKLY,
        displayName: "Weekly 2077_43 (SAL Cycle 0045, Build 003)",
        aliases: ["recommended_c0045"], cycle: 45, date: day("2077-10-28"),
      }),
    ],
    tagCount: 3,
    imageCount: 2,
  };
}

/** A filtered menu. The recommended tag is a weekly, stays one, and is kept beside the one that `number` allows. */
// biome-ignore format: a table
function short({ lab, digests: d }: Place): SourceExpectation {
  return {
    name: "short",
    repository: labRepository,
    menu: [
      ["r28_0_1", "Release r28.0.1", RELEASE, d.r28, ["wanted"]],
      ["r27_0_0_rsp19", "Release r27.0.0 (RSP Build 19)", RELEASE],
      ["w_2077_44", "Weekly 2077_44", WEEKLY, d.w44, ["wanted"]],
      ["w_2077_43", "Weekly 2077_43", WEEKLY, d.w43, ["wanted", "recommended"]],
      ["d_2077_10_31", "Daily 2077_10_31", DAILY, d.d31, ["wanted"]],
      ["d_2077_10_30", "Daily 2077_10_30", DAILY, d.d30, ["wanted"]],
      ["exp_random", "Experimental random", EXPERIMENTAL], // has no date, so passes
      ["exp_w_2077_42_nosudo", "Experimental Weekly 2077_42 [nosudo]", EXPERIMENTAL],
    ],
    all: shortUnfiltered(d),
    aliases: {
      "w_2077_43_c0045.003": { all: ["w_2077_43"] },
      w_2077_43: { all: ["w_2077_43_c0045.003"] },
    },
    chosen: [
      image(lab, { tag: "r28_0_1", digest: d.r28, type: RELEASE, displayName: "Release r28.0.1" }),
      image(lab, { tag: "w_2077_44", digest: d.w44, type: WEEKLY, displayName: "Weekly 2077_44", date: day("2077-11-04") }),
      image(lab, {
        tag: "w_2077_43_c0045.003", digest: d.w43, type: WEEKLY, displayName: "Weekly 2077_43 (SAL Cycle 0045, Build 003)",
        aliases: ["w_2077_43"], cycle: 45, date: day("2077-10-28"),
      }),
      image(lab, {
        tag: "w_2077_43", digest: d.w43, type: WEEKLY, displayName: "Weekly 2077_43",
        aliases: ["w_2077_43_c0045.003"], date: day("2077-10-28"), recommended: true,
      }),
      image(lab, { tag: "d_2077_10_31", digest: d.d31, type: DAILY, displayName: "Daily 2077_10_31", date: day("2077-10-31") }),
      image(lab, { tag: "d_2077_10_30", digest: d.d30, type: DAILY, displayName: "Daily 2077_10_30", date: day("2077-10-30") }),
      image(lab, { tag: "d_2077_10_29", digest: d.d29, type: DAILY, displayName: "Daily 2077_10_29", date: day("2077-10-29") }),
    ],
    tagCount: 26,
    imageCount: 7,
  };
}

// biome-ignore format: a table
const shortUnfiltered = (d: Digests): Row[] => [
  ["r28_0_1", "Release r28.0.1", RELEASE, d.r28, ["wanted"]],
  ["r27_0_0_rsp19", "Release r27.0.0 (RSP Build 19)", RELEASE],
  ["r170", "Release r17.0.0", RELEASE],
  ["w_2077_44", "Weekly 2077_44", WEEKLY, d.w44, ["wanted"]],
  ["w_2077_43_c0045.003", "Weekly 2077_43 (SAL Cycle 0045, Build 003)", WEEKLY, d.w43, ["wanted"]],
  ["w_2077_43", "Weekly 2077_43", WEEKLY, d.w43, ["wanted", "recommended"]],
  ["w_2077_42_c0044.012", "Weekly 2077_42 (SAL Cycle 0044, Build 012)", WEEKLY],
  ["d_2077_10_31", "Daily 2077_10_31", DAILY, d.d31, ["wanted"]],
  ["d_2077_10_30", "Daily 2077_10_30", DAILY, d.d30, ["wanted"]],
  ["d_2077_10_29", "Daily 2077_10_29", DAILY, d.d29, ["wanted"]],
  ["d_2077_10_28", "Daily 2077_10_28", DAILY],
  ["r29_0_0_rc10", "Release Candidate r29.0.0-rc10", RELEASE_CANDIDATE],
  ["r29_0_0_rc9", "Release Candidate r29.0.0-rc9", RELEASE_CANDIDATE],
  ["exp_random", "Experimental random", EXPERIMENTAL],
  ["exp_w_2077_42_nosudo", "Experimental Weekly 2077_42 [nosudo]", EXPERIMENTAL],
  ["exp_w_2077_40_c0045.001_try", "Experimental Weekly 2077_40 (SAL Cycle 0045, Build 001) [try]", EXPERIMENTAL],
  ["v1.2.3-alpine", "v1.2.3-alpine", UNKNOWN],
  ["recommended_c0045", "recommended (SAL Cycle 0045)", UNKNOWN],
  ["recommended", "recommended", UNKNOWN],
  ["latest_weekly", "latest_weekly", UNKNOWN],
  ["latest_release", "latest_release", UNKNOWN],
  ["latest_daily", "latest_daily", UNKNOWN],
  ["MiXeD_CaSe", "MiXeD_CaSe", UNKNOWN],
];

/** Experiments only: by their base, descending; nothing is chosen. */
function many(): SourceExpectation {
  const rows = manyTags
    .map((tag): Row => [tag, tag.replace("exp_", "Experimental "), EXPERIMENTAL])
    .reverse();
  return {
    name: "many",
    repository: manyRepository,
    menu: rows,
    all: rows,
    aliases: {},
    chosen: [],
    tagCount: 2000,
    imageCount: 0,
  };
}

export const otherSources = (place: Place): SourceExpectation[] => [cycle(place), short(place), many()];
export const otherSourceNames = ["cycle", "short", "many"] as const;
