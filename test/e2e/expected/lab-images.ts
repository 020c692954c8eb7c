/**
 * The images of the source `lab` as `UpdateImages` and the lookups answer them, before any node is known.
 */
import type { Image } from "../../../gen/imagesource/v1/image_pb.ts";
import {
  ALIAS,
  DAILY,
  day,
  EXPERIMENTAL,
  type ImageFields,
  image,
  type Place,
  RELEASE,
  RELEASE_CANDIDATE,
  UNKNOWN,
  WEEKLY,
} from "./rows.ts";

/** By tag, every tag of the repository: what is chosen, and what is resolved when it is asked for. */
export function labImagesByTag({ lab, digests: d }: Place): Readonly<Record<string, Image>> {
  const all: ImageFields[] = [
    {
      tag: "recommended",
      digest: d.w43,
      type: ALIAS,
      displayName: "Recommended (Weekly 2077_43, SAL Cycle 0045, Build 003)",
      aliasTarget: "w_2077_43_c0045.003",
      cycle: 45,
      date: day("2077-10-28"),
      recommended: true,
    },
    {
      tag: "latest_weekly",
      digest: d.w44,
      type: ALIAS,
      displayName: "Latest Weekly (Weekly 2077_44)",
      aliasTarget: "w_2077_44",
      date: day("2077-11-04"),
    },
    {
      tag: "latest_release",
      digest: d.r28,
      type: ALIAS,
      displayName: "Latest Release (Release r28.0.1)",
      aliasTarget: "r28_0_1",
    },
    {
      tag: "r28_0_1",
      digest: d.r28,
      type: RELEASE,
      displayName: "Release r28.0.1",
      aliases: ["latest_release"],
    },
    { tag: "r27_0_0_rsp19", digest: d.r27, type: RELEASE, displayName: "Release r27.0.0 (RSP Build 19)" },
    { tag: "r170", digest: d.r17, type: RELEASE, displayName: "Release r17.0.0" },
    { tag: "w_2077_44", digest: d.w44, type: WEEKLY, displayName: "Weekly 2077_44", date: day("2077-11-04") },
    {
      tag: "w_2077_44-amd64",
      digest: d.w44amd64,
      type: WEEKLY,
      displayName: "Weekly 2077_44 [amd64]",
      architecture: "amd64",
      date: day("2077-11-04"),
    },
    {
      tag: "w_2077_44-arm64",
      digest: d.w44arm64,
      type: WEEKLY,
      displayName: "Weekly 2077_44 [arm64]",
      architecture: "arm64",
      date: day("2077-11-04"),
    },
    {
      tag: "w_2077_43_c0045.003",
      digest: d.w43,
      type: WEEKLY,
      displayName: "Weekly 2077_43 (SAL Cycle 0045, Build 003)",
      aliases: ["recommended"], // `w_2077_43` has this digest too, but is not resolved
      cycle: 45,
      date: day("2077-10-28"),
    },
    {
      tag: "w_2077_43",
      digest: d.w43,
      type: WEEKLY,
      displayName: "Weekly 2077_43",
      aliases: ["recommended", "w_2077_43_c0045.003"],
      date: day("2077-10-28"),
    },
    {
      tag: "w_2077_42_c0044.012",
      digest: d.w42,
      type: WEEKLY,
      displayName: "Weekly 2077_42 (SAL Cycle 0044, Build 012)",
      cycle: 44,
      date: day("2077-10-21"),
    },
    {
      tag: "d_2077_10_31",
      digest: d.d31,
      type: DAILY,
      displayName: "Daily 2077_10_31",
      date: day("2077-10-31"),
    },
    {
      tag: "d_2077_10_30",
      digest: d.d30,
      type: DAILY,
      displayName: "Daily 2077_10_30",
      date: day("2077-10-30"),
    },
    {
      tag: "d_2077_10_29",
      digest: d.d29,
      type: DAILY,
      displayName: "Daily 2077_10_29",
      date: day("2077-10-29"),
    },
    {
      tag: "d_2077_10_28",
      digest: d.d28,
      type: DAILY,
      displayName: "Daily 2077_10_28",
      date: day("2077-10-28"),
    },
    {
      tag: "r29_0_0_rc10",
      digest: d.rc10,
      type: RELEASE_CANDIDATE,
      displayName: "Release Candidate r29.0.0-rc10",
    },
    {
      tag: "r29_0_0_rc9",
      digest: d.rc9,
      type: RELEASE_CANDIDATE,
      displayName: "Release Candidate r29.0.0-rc9",
    },
    { tag: "exp_random", digest: d.expRandom, type: EXPERIMENTAL, displayName: "Experimental random" },
    {
      tag: "exp_w_2077_42_nosudo",
      digest: d.expWeekly,
      type: EXPERIMENTAL,
      displayName: "Experimental Weekly 2077_42 [nosudo]",
      date: day("2077-10-21"),
    },
    {
      tag: "exp_w_2077_40_c0045.001_try",
      digest: d.expCycle,
      type: EXPERIMENTAL,
      displayName: "Experimental Weekly 2077_40 (SAL Cycle 0045, Build 001) [try]",
      cycle: 45,
      date: day("2077-10-07"),
    },
    { tag: "v1.2.3-alpine", digest: d.alpine, type: UNKNOWN, displayName: "v1.2.3-alpine" },
    {
      tag: "recommended_c0045", // Unknown by its text; resolved, it turns out to be an alias
      digest: d.w43,
      type: ALIAS,
      displayName: "Recommended (Weekly 2077_43, SAL Cycle 0045, Build 003)",
      aliases: ["recommended"],
      aliasTarget: "w_2077_43_c0045.003",
      cycle: 45,
      date: day("2077-10-28"),
    },
    {
      tag: "latest_daily", // likewise
      digest: d.d31,
      type: ALIAS,
      displayName: "Latest Daily (Daily 2077_10_31)",
      aliasTarget: "d_2077_10_31",
      date: day("2077-10-31"),
    },
    {
      tag: "latest-amd64", // has the digest of `w_2077_44-amd64`, which is not resolved
      digest: d.w44amd64,
      type: UNKNOWN,
      displayName: "latest [amd64]",
      architecture: "amd64",
    },
    { tag: "MiXeD_CaSe", digest: d.mixed, type: UNKNOWN, displayName: "MiXeD_CaSe" },
  ];
  return Object.fromEntries(all.map((fields) => [fields.tag, image(lab, fields)]));
}

/** What is chosen as configured, in order. The pinned tag of one architecture is among it. */
export const chosenAtStart = [
  "recommended",
  "latest_release",
  "r28_0_1",
  "w_2077_44",
  "w_2077_44-arm64",
  "w_2077_43_c0045.003",
  "d_2077_10_31",
  "d_2077_10_30",
  "d_2077_10_29",
];

/** What a digest's nodes and size are, by digest. */
export type Held = Readonly<Record<string, { readonly nodes: readonly string[]; readonly size?: bigint }>>;

/** By digest: the nodes that hold it, eligible or not, and the largest size that any tells. */
export const heldByThreeNodes = ({ digests: d }: Place): Held => ({
  [d.w43]: { nodes: ["node-a", "node-b", "node-c"], size: 3100n },
  [d.r28]: { nodes: ["node-a"], size: 2000n },
  [d.w44]: { nodes: ["node-a"], size: 4000n },
  [d.w44arm64]: { nodes: ["node-b"], size: 4100n },
  [d.d31]: { nodes: ["node-c"], size: 5000n },
  [d.r17]: { nodes: ["node-a"], size: 1700n },
});

/** With the marks: 5500 bytes told with the first, no size with the others. */
export const heldWithMarks = (place: Place): Held => {
  const { digests: d } = place;
  return {
    ...heldByThreeNodes(place),
    [d.d31]: { nodes: ["node-a", "node-c"], size: 5500n },
    [d.d30]: { nodes: ["node-b"] },
    [d.r28]: { nodes: ["node-a", "node-z"], size: 2000n },
  };
};

/** After a newer node cache. */
export const heldAfterMarks = (place: Place): Held => ({
  ...heldByThreeNodes(place),
  [place.digests.d30]: { nodes: ["node-b"] },
});

/** The image with its nodes and its size. */
export function held(image: Image, by: Held): Image {
  const { nodes = [], size } = by[image.digest] ?? {};
  return { ...image, nodes: [...nodes], ...(size && { sizeBytes: size }) };
}

/** What is chosen with a caller's options, in order: see `menuWithOptions`. */
export const chosenWithOptions = (place: Place): Image[] => {
  const by = labImagesByTag(place);
  const at = (tag: string, aliases: string[] = []) =>
    held({ ...(by[tag] as Image), aliases }, heldByThreeNodes(place));
  return [
    at("r28_0_1"), // `latest_release` is not resolved now
    at("r27_0_0_rsp19"),
    at("w_2077_44"),
    at("w_2077_43_c0045.003", ["w_2077_43"]),
    at("w_2077_43", ["w_2077_43_c0045.003"]),
  ];
};
