/**
 * Arbitrary nodes, memories and wanted images, few enough of each kind that they meet.
 */
import fc from "fast-check";
import type { ClusterNode, Toleration } from "../../src/domain/cluster-node.ts";
import type { NodeMemory } from "../../src/domain/node-memory.ts";
import type { WantedImage } from "../../src/domain/wanted-image.ts";
import { byDigest, byTag, sha } from "./domain.ts";
import { clusterNode, memoryOf, taint, toleration, wanted } from "./prepull-domain.ts";

const hexes = ["a", "b", "c", "d", "e", "f"];
export const nodeNames = ["n1", "n2", "n3", "n4", "n5", "n6"];
const architectures = fc.constantFrom("", "amd64", "arm64");
/** From 0 to 99, in milliseconds, or never. */
const times = fc.option(fc.nat(99), { nil: undefined });

/** Names as nodes list them, ours and others', and what is none. */
export const listedNames: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...hexes).map(byDigest),
  fc.constantFrom(...hexes).map((hex) => byTag(`tag-${hex}`)),
  fc.constantFrom(...hexes).map((hex) => `mirror.example/sciplat/lab:tag-${hex}`),
  fc.constantFrom(...hexes).map((hex) => `mirror.example/other@${sha(hex)}`),
  fc.constantFrom(...hexes).map((hex) => `mirror.example/other:x@${sha(hex)}`),
  fc.constantFrom("<none>@<none>", "", "busybox:1", `quay.example/x@${sha("0")}`, "\ud800"),
);

const images = fc.array(
  fc.record({ names: fc.array(listedNames, { maxLength: 5 }), size: fc.constantFrom(0, 3, 7) }),
  { maxLength: 4 },
);

const taints = fc.array(
  fc
    .tuple(
      fc.constantFrom("gpu = true", "gpu"),
      fc.constantFrom("NoSchedule", "PreferNoSchedule", "NoExecute"),
    )
    .map(([text, effect]) => taint(text, effect)),
  { maxLength: 1 },
);

const rarely = fc.constantFrom(false, false, false, false, true);

/** Nodes of different names. */
export const clusterNodes: fc.Arbitrary<ClusterNode[]> = fc.uniqueArray(
  fc
    .record({
      name: fc.constantFrom(...nodeNames),
      images,
      createTime: fc.constantFrom(undefined, -5000, 5000),
      architecture: architectures,
      notReady: rarely,
      isUnschedulable: rarely,
      isDeleting: rarely,
      taints,
    })
    .map(({ name, notReady, ...parts }) => clusterNode(name, [], { ...parts, isReady: !notReady })),
  { selector: ({ name }) => name },
);

export const tolerations: fc.Arbitrary<Toleration[]> = fc.constantFrom(
  [],
  [toleration()],
  [toleration({ key: "gpu", effect: "NoSchedule" })],
);

const known = fc.record(
  {
    failures: fc.nat(3),
    evictions: fc.nat(3),
    retryAt: fc.nat(99),
    pulledAt: times,
    goneAt: times,
    alias: fc.constantFrom("", ...hexes.map(sha)),
  },
  { requiredKeys: [] },
);

export const nodeMemories: fc.Arbitrary<NodeMemory> = fc
  .dictionary(fc.constantFrom(...hexes), known, { maxKeys: 4 })
  .map(memoryOf);

/** By the UIDs of nodes. */
export const memories: fc.Arbitrary<Map<string, NodeMemory>> = fc
  .dictionary(fc.constantFrom(...nodeNames), nodeMemories, { maxKeys: 6 })
  .map((byName) => new Map(Object.entries(byName).map(([name, memory]) => [`uid-${name}`, memory])));

/** Images of different digests, or of none. */
export const wantedImages: fc.Arbitrary<WantedImage[]> = fc.uniqueArray(
  fc
    .record({
      hex: fc.constantFrom(...hexes),
      hasDigest: fc.constantFrom(true, true, true, false),
      architecture: fc.constantFrom(undefined, undefined, "amd64", "arm64", "aarch64"),
      isRecommended: rarely,
      nodes: fc.subarray(nodeNames).map((names) => new Set(names)),
    })
    .map(({ hex, hasDigest, ...parts }) => wanted(hex, hasDigest ? parts : { ...parts, digest: "" })),
  { selector: ({ reference }) => reference },
);
