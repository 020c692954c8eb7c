/**
 * What the RPCs answer about the images of the fixture, worked out by hand from the rules for images, order, choice, menu
 * and presence (behaviour 1 to 8).
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type ImageSchema, ImageType } from "../../gen/imagesource/v1/image_pb.ts";
import type {
  MenuImageSchema,
  PrepulledImageSchema,
} from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { day, lab, sha } from "../support/domain.ts";
import { podReference } from "./fixture.ts";
import { plain } from "./plain.ts";

const weeklyName = "Weekly 2077_43 (SAL Cycle 0045, Build 003)";
export const recommendedName = "Recommended (Weekly 2077_43, SAL Cycle 0045, Build 003)";
const stableName = "Stable (Weekly 2077_43, SAL Cycle 0045, Build 003)";
/** A date as messages have it. */
export const midnight = (text: string) => plain(timestampFromMs(day(text)));

type Shape<T> = T & Record<string, unknown>;

/** An `Image` of the fixture; what is not said is as in an image that has nothing but its tag. */
export function image(tag: string, hex: string | undefined, parts: MessageInitShape<typeof ImageSchema>) {
  return {
    reference: podReference(tag, hex),
    ...lab,
    tag,
    digest: hex === undefined ? "" : sha(hex),
    aliases: [],
    aliasTarget: "",
    architecture: "",
    nodes: [],
    recommended: false,
    ...parts,
  } as Shape<MessageInitShape<typeof ImageSchema>>;
}

export const weekly = image("w_2077_43_c0045.003", "aa", {
  type: ImageType.WEEKLY,
  displayName: weeklyName,
  sizeBytes: 4000n,
  aliases: ["recommended", "stable"],
  cycle: 45,
  date: midnight("2077-10-28"),
  nodes: ["node-1", "node-2", "node-3"],
});

export const recommended = image("recommended", "aa", {
  ...{ type: ImageType.ALIAS, displayName: recommendedName, sizeBytes: 4000n },
  aliases: ["stable"],
  aliasTarget: "w_2077_43_c0045.003",
  cycle: 45,
  date: midnight("2077-10-28"),
  nodes: ["node-1", "node-2", "node-3"],
  recommended: true,
});

export const release = image("r29_0_0", "ee", {
  ...{ type: ImageType.RELEASE, displayName: "Release r29.0.0", sizeBytes: 900n, nodes: ["node-1"] },
});

export const daily = image("d_2077_10_23", "dd", {
  ...{
    type: ImageType.DAILY,
    displayName: "Daily 2077_10_23",
    sizeBytes: 700n,
    date: midnight("2077-10-23"),
  },
});

/** Rows of answers about one image: what tells it from the others, and the whole of it. */
export const answers: [string, ReturnType<typeof image>][] = [
  ["a weekly with a cycle and aliases", weekly],
  ["the recommended alias", recommended],
  ["a release", release],
  ["a daily", daily],
  [
    "an image for one architecture",
    image("w_2077_42-arm64", "bc", {
      ...{ type: ImageType.WEEKLY, displayName: "Weekly 2077_42 [arm64]", sizeBytes: 10n },
      ...{
        aliases: ["latest-arm64"],
        architecture: "arm64",
        date: midnight("2077-10-21"),
        nodes: ["node-3"],
      },
    }),
  ],
  [
    "an alias for one architecture",
    image("latest-arm64", "bc", {
      ...{ type: ImageType.ALIAS, displayName: "Latest (Weekly 2077_42) [arm64]", sizeBytes: 10n },
      ...{ aliasTarget: "w_2077_42-arm64", architecture: "arm64", date: midnight("2077-10-21") },
      nodes: ["node-3"],
    }),
  ],
  [
    "an image whose size only a node tells",
    image("w_2077_42", "bb", {
      ...{ type: ImageType.WEEKLY, displayName: "Weekly 2077_42", sizeBytes: 50n },
      ...{ date: midnight("2077-10-21"), nodes: ["node-1"] },
    }),
  ],
  [
    "a release candidate",
    image("r30_0_0_rc1", "cc", {
      ...{ type: ImageType.RELEASE_CANDIDATE, displayName: "Release Candidate r30.0.0-rc1", sizeBytes: 800n },
    }),
  ],
  [
    "an experiment without a digest, found on a node by its tag",
    image("exp_dask", undefined, {
      ...{ type: ImageType.EXPERIMENTAL, displayName: "Experimental dask", nodes: ["node-2"] },
    }),
  ],
  [
    "a tag that follows no rule",
    image("sandbox", "55", { type: ImageType.UNKNOWN, displayName: "sandbox", sizeBytes: 5n }),
  ],
];

type MenuParts = MessageInitShape<typeof MenuImageSchema>;

/** A `MenuImage` of the fixture; what is not said is as in one that nobody has or wants. */
export function menuImage(tag: string, hex: string | undefined, parts: MenuParts) {
  return {
    reference: podReference(tag, hex),
    ...{ tag, digest: hex === undefined ? "" : sha(hex) },
    ...{ prepulled: false, recommended: false, wanted: false, nodeCount: 0 },
    ...parts,
  };
}

/** The weekly filter keeps one; architecture-specific images are hidden. */
export const menu = [
  menuImage("stable", "aa", {
    ...{
      name: stableName,
      type: ImageType.ALIAS,
      prepulled: true,
      wanted: true,
      nodeCount: 2,
      sizeBytes: 4000n,
    },
  }),
  menuImage("recommended", "aa", {
    ...{ name: recommendedName, type: ImageType.ALIAS, prepulled: true, wanted: true, nodeCount: 2 },
    ...{ recommended: true, sizeBytes: 4000n },
  }),
  menuImage("r29_0_0", "ee", {
    ...{ name: "Release r29.0.0", type: ImageType.RELEASE, wanted: true, nodeCount: 1, sizeBytes: 900n },
  }),
  menuImage("w_2077_43_c0045.003", "aa", {
    ...{
      name: weeklyName,
      type: ImageType.WEEKLY,
      prepulled: true,
      wanted: true,
      nodeCount: 2,
      sizeBytes: 4000n,
    },
  }),
  menuImage("d_2077_10_23", "dd", {
    ...{ name: "Daily 2077_10_23", type: ImageType.DAILY, wanted: true, sizeBytes: 700n },
  }),
  menuImage("r30_0_0_rc1", "cc", {
    ...{ name: "Release Candidate r30.0.0-rc1", type: ImageType.RELEASE_CANDIDATE, sizeBytes: 800n },
  }),
  menuImage("exp_dask", undefined, {
    ...{ name: "Experimental dask", type: ImageType.EXPERIMENTAL, nodeCount: 1 },
  }),
  menuImage("sandbox", "55", { name: "sandbox", type: ImageType.UNKNOWN, sizeBytes: 5n }),
];

type Presence = Pick<
  MessageInitShape<typeof PrepulledImageSchema>,
  "prepulled" | "wanted" | "nodes" | "missing" | "unknown" | "nodeCount" | "missingCount" | "unknownCount"
>;

function presence(parts: Presence) {
  const nobody = { nodes: [] as string[], missing: [] as string[], unknown: [] as string[] };
  return {
    ...{ prepulled: false, wanted: false, ...nobody, nodeCount: 0, missingCount: 0, unknownCount: 0 },
    ...parts,
  };
}

/** On the eligible nodes: node-1, and node-2, which is partial. */
export const onEligible: Record<string, ReturnType<typeof presence>> = {
  stable: presence({ prepulled: true, wanted: true, nodes: ["node-1", "node-2"], nodeCount: 2 }),
  recommended: presence({ prepulled: true, wanted: true, nodes: ["node-1", "node-2"], nodeCount: 2 }),
  r29_0_0: presence({ wanted: true, nodes: ["node-1"], unknown: ["node-2"], nodeCount: 1, unknownCount: 1 }),
  "w_2077_43_c0045.003": presence({
    prepulled: true,
    wanted: true,
    nodes: ["node-1", "node-2"],
    nodeCount: 2,
  }),
  w_2077_42: presence({ nodes: ["node-1"], nodeCount: 1, unknownCount: 1 }),
  d_2077_10_23: presence({
    ...{ wanted: true, missing: ["node-1"], unknown: ["node-2"], missingCount: 1, unknownCount: 1 },
  }),
  r30_0_0_rc1: presence({ missingCount: 1, unknownCount: 1 }),
  exp_dask: presence({ nodes: ["node-2"], nodeCount: 1, missingCount: 1 }),
  sandbox: presence({ missingCount: 1, unknownCount: 1 }),
};

/** On node-1, node-3, which is cordoned, and one that nobody knows. */
export const onNamed: Record<string, ReturnType<typeof presence>> = {
  recommended: presence({
    ...{ wanted: true, nodes: ["node-1", "node-3"], unknown: ["ghost"], nodeCount: 2, unknownCount: 1 },
  }),
  r29_0_0: presence({
    ...{ wanted: true, nodes: ["node-1"], missing: ["node-3"], unknown: ["ghost"] },
    ...{ nodeCount: 1, missingCount: 1, unknownCount: 1 },
  }),
  d_2077_10_23: presence({
    ...{ wanted: true, missing: ["node-1", "node-3"], unknown: ["ghost"], missingCount: 2, unknownCount: 1 },
  }),
  w_2077_42: presence({ nodes: ["node-1"], nodeCount: 1, missingCount: 1, unknownCount: 1 }),
};
