/**
 * What the registries hold at first. `expected/` says what the service makes of it.
 */

/** The repository that the sources `lab`, `cycle` and `short` read. */
export const labRepository = "sciplat/lab";

/** Images of one platform, each with a digest of its own, by a short name: the tags that point to it. */
export const labImages = {
  r28: ["r28_0_1", "latest_release"],
  r27: ["r27_0_0_rsp19"],
  r17: ["r170"],
  rc10: ["r29_0_0_rc10"],
  rc9: ["r29_0_0_rc9"],
  w44amd64: ["w_2077_44-amd64", "latest-amd64"],
  w44arm64: ["w_2077_44-arm64"],
  w43: ["w_2077_43_c0045.003", "w_2077_43", "recommended", "recommended_c0045"],
  w42: ["w_2077_42_c0044.012"],
  d31: ["d_2077_10_31", "latest_daily"],
  d30: ["d_2077_10_30"],
  d29: ["d_2077_10_29"],
  d28: ["d_2077_10_28"],
  expWeekly: ["exp_w_2077_42_nosudo"],
  expCycle: ["exp_w_2077_40_c0045.001_try"],
  expRandom: ["exp_random"],
  mixed: ["MiXeD_CaSe"],
  alpine: ["v1.2.3-alpine"],
} as const;

/** One image of two platforms: an index over `w44amd64` and `w44arm64`. */
export const labIndex = {
  w44: ["w_2077_44", "latest_weekly"],
} as const;

export type ImageName = keyof typeof labImages | keyof typeof labIndex;

/** Besides, a signature as cosign keeps it, in a tag named after the index: no image. */
export const signature = (indexDigest: string) => `${indexDigest.replace(":", "-")}.sig`;

/** The repository of the source `many`: two full pages of 1,000 tags of one manifest. */
export const manyRepository = "sciplat/many";
export const manyTags = Array.from({ length: 2000 }, (_, i) => `exp_bulk_${String(i + 1).padStart(4, "0")}`);
