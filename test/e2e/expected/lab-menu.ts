/**
 * What `MenuImages` answers for the source `lab`, row by row.
 *
 * The columns: tag, name, type, digest, flags, number of eligible nodes that hold it, size. Tags without a digest are
 * those that nothing asked for: 2 weeklies, 3 dailies, 1 release, the recommended tag and the pins are resolved.
 * Tags of one architecture are hidden: `w_2077_44-amd64`, `w_2077_44-arm64`, `latest-amd64`.
 */
import {
  ALIAS,
  DAILY,
  EXPERIMENTAL,
  type Place,
  RELEASE,
  RELEASE_CANDIDATE,
  type Row,
  replaced,
  UNKNOWN,
  WEEKLY,
} from "./rows.ts";

/** As configured, before any node is known. */
// biome-ignore format: a table
export const menuAtStart = ({ digests: d }: Place): Row[] => [
  ["recommended", "Recommended (Weekly 2077_43, SAL Cycle 0045, Build 003)", ALIAS, d.w43, ["wanted", "recommended"]],
  ["latest_weekly", "Latest Weekly", ALIAS], // not resolved, so nobody knows its target
  ["latest_release", "Latest Release (Release r28.0.1)", ALIAS, d.r28, ["wanted"]],
  ["r28_0_1", "Release r28.0.1", RELEASE, d.r28, ["wanted"]],
  ["r27_0_0_rsp19", "Release r27.0.0 (RSP Build 19)", RELEASE],
  ["r170", "Release r17.0.0", RELEASE],
  ["w_2077_44", "Weekly 2077_44", WEEKLY, d.w44, ["wanted"]],
  ["w_2077_43_c0045.003", "Weekly 2077_43 (SAL Cycle 0045, Build 003)", WEEKLY, d.w43, ["wanted"]],
  ["w_2077_43", "Weekly 2077_43", WEEKLY], // third by order: no cycle is older than one
  ["w_2077_42_c0044.012", "Weekly 2077_42 (SAL Cycle 0044, Build 012)", WEEKLY],
  ["d_2077_10_31", "Daily 2077_10_31", DAILY, d.d31, ["wanted"]],
  ["d_2077_10_30", "Daily 2077_10_30", DAILY, d.d30, ["wanted"]],
  ["d_2077_10_29", "Daily 2077_10_29", DAILY, d.d29, ["wanted"]],
  ["d_2077_10_28", "Daily 2077_10_28", DAILY],
  ["r29_0_0_rc10", "Release Candidate r29.0.0-rc10", RELEASE_CANDIDATE], // numbers, not text
  ["r29_0_0_rc9", "Release Candidate r29.0.0-rc9", RELEASE_CANDIDATE],
  ["exp_random", "Experimental random", EXPERIMENTAL], // a base beats none
  ["exp_w_2077_42_nosudo", "Experimental Weekly 2077_42 [nosudo]", EXPERIMENTAL],
  ["exp_w_2077_40_c0045.001_try", "Experimental Weekly 2077_40 (SAL Cycle 0045, Build 001) [try]", EXPERIMENTAL],
  ["v1.2.3-alpine", "v1.2.3-alpine", UNKNOWN], // alpine is no architecture
  ["recommended_c0045", "recommended (SAL Cycle 0045)", UNKNOWN],
  ["latest_daily", "latest_daily", UNKNOWN], // no configured alias
  ["MiXeD_CaSe", "MiXeD_CaSe", UNKNOWN], // by code unit: capitals last
];

/** With the three nodes: two are eligible. */
// biome-ignore format: a table
export const menuWithNodes = (place: Place): Row[] => {
  const { digests: d } = place;
  return replaced(menuAtStart(place), [
    ["recommended", "Recommended (Weekly 2077_43, SAL Cycle 0045, Build 003)", ALIAS, d.w43, ["wanted", "recommended", "prepulled"], 2, 3100n],
    ["latest_release", "Latest Release (Release r28.0.1)", ALIAS, d.r28, ["wanted"], 1, 2000n],
    ["r28_0_1", "Release r28.0.1", RELEASE, d.r28, ["wanted"], 1, 2000n],
    ["w_2077_44", "Weekly 2077_44", WEEKLY, d.w44, ["wanted"], 1, 4000n],
    ["w_2077_43_c0045.003", "Weekly 2077_43 (SAL Cycle 0045, Build 003)", WEEKLY, d.w43, ["wanted", "prepulled"], 2, 3100n],
    ["d_2077_10_31", "Daily 2077_10_31", DAILY, d.d31, ["wanted"], 0, 5000n], // on the cordoned node only
  ]);
};

/** And with the marks: `d_2077_10_31` on node-a, `d_2077_10_30` on node-b, `latest_release` on a node of no cache. */
// biome-ignore format: a table
export const menuWithMarks = (place: Place): Row[] => {
  const { digests: d } = place;
  return replaced(menuWithNodes(place), [
    ["d_2077_10_31", "Daily 2077_10_31", DAILY, d.d31, ["wanted"], 1, 5500n],
    ["d_2077_10_30", "Daily 2077_10_30", DAILY, d.d30, ["wanted"], 1],
  ]);
};

/** After a newer node cache: only the mark on node-b, which tells a part of its images, is left. */
// biome-ignore format: a table
export const menuAfterMarks = (place: Place): Row[] => {
  const { digests: d } = place;
  return replaced(menuWithNodes(place), [["d_2077_10_30", "Daily 2077_10_30", DAILY, d.d30, ["wanted"], 1]]);
};

/**
 * With a caller's options: nothing recommended, 2 releases, 2 weeklies, no daily, `w_2077_43` pinned, and
 * `latest_daily` as the only alias tag. What is not chosen is not resolved any more.
 */
// biome-ignore format: a table
export const menuWithOptions = ({ digests: d }: Place): Row[] => [
  ["latest_daily", "Latest Daily", ALIAS],
  ["r28_0_1", "Release r28.0.1", RELEASE, d.r28, ["wanted"], 1, 2000n],
  ["r27_0_0_rsp19", "Release r27.0.0 (RSP Build 19)", RELEASE, d.r27, ["wanted"]],
  ["r170", "Release r17.0.0", RELEASE],
  ["w_2077_44", "Weekly 2077_44", WEEKLY, d.w44, ["wanted"], 1, 4000n],
  ["w_2077_43_c0045.003", "Weekly 2077_43 (SAL Cycle 0045, Build 003)", WEEKLY, d.w43, ["wanted", "prepulled"], 2, 3100n],
  ["w_2077_43", "Weekly 2077_43", WEEKLY, d.w43, ["wanted", "prepulled"], 2, 3100n],
  ["w_2077_42_c0044.012", "Weekly 2077_42 (SAL Cycle 0044, Build 012)", WEEKLY],
  ["d_2077_10_31", "Daily 2077_10_31", DAILY],
  ["d_2077_10_30", "Daily 2077_10_30", DAILY],
  ["d_2077_10_29", "Daily 2077_10_29", DAILY],
  ["d_2077_10_28", "Daily 2077_10_28", DAILY],
  ["r29_0_0_rc10", "Release Candidate r29.0.0-rc10", RELEASE_CANDIDATE],
  ["r29_0_0_rc9", "Release Candidate r29.0.0-rc9", RELEASE_CANDIDATE],
  ["exp_random", "Experimental random", EXPERIMENTAL],
  ["exp_w_2077_42_nosudo", "Experimental Weekly 2077_42 [nosudo]", EXPERIMENTAL],
  ["exp_w_2077_40_c0045.001_try", "Experimental Weekly 2077_40 (SAL Cycle 0045, Build 001) [try]", EXPERIMENTAL],
  ["v1.2.3-alpine", "v1.2.3-alpine", UNKNOWN],
  ["recommended_c0045", "recommended (SAL Cycle 0045)", UNKNOWN], // of one base: with a cycle before without
  ["recommended", "recommended", UNKNOWN],
  ["latest_weekly", "latest_weekly", UNKNOWN],
  ["latest_release", "latest_release", UNKNOWN],
  ["MiXeD_CaSe", "MiXeD_CaSe", UNKNOWN],
];
