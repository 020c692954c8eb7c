/**
 * The repository that the tests of the RPCs ask about: one image of each kind, three nodes, options that choose few.
 */
import { type Node, noNodes } from "../../src/domain/node-cache.ts";
import type { ImageSource, SourceOptions } from "../../src/sources/image-source.ts";
import type { RegistryTag } from "../../src/sources/reader.ts";
import { staticReader } from "../../src/sources/static-reader.ts";
import { byDigest, lab, node, options, policy, sha } from "../support/domain.ts";
import { sourceOf } from "../support/source.ts";

export const images: readonly RegistryTag[] = [
  { name: "recommended", digest: sha("aa"), size: 4000 },
  { name: "stable", digest: sha("aa"), size: 4000 },
  { name: "w_2077_43_c0045.003", digest: sha("aa"), size: 4000 },
  { name: "w_2077_42", digest: sha("bb") },
  { name: "w_2077_42-arm64", digest: sha("bc"), size: 10 },
  { name: "latest-arm64", digest: sha("bc"), size: 10 },
  { name: "d_2077_10_23", digest: sha("dd"), size: 700 },
  { name: "r29_0_0", digest: sha("ee"), size: 900 },
  { name: "r30_0_0_rc1", digest: sha("cc"), size: 800 },
  { name: "exp_dask" },
  { name: "sandbox", digest: sha("55"), size: 5 },
];

const mirror = `mirror.example/proxy/${lab.repository}`;

export const nodes: readonly Node[] = [
  node("node-1", [byDigest("aa"), byDigest("ee"), { names: [byDigest("bb")], size: 50 }], {
    architecture: "amd64",
  }),
  node("node-2", [`${mirror}@${sha("aa")}`, `${mirror}:exp_dask`], { partial: true }),
  node("node-3", [byDigest("aa"), byDigest("bc")], { architecture: "arm64", ineligibleReason: "cordoned" }),
];

/** Not started, so that there is no listing. */
export function staticSource(parts: Partial<SourceOptions> = {}): ImageSource {
  return sourceOf(staticReader(images), {
    type: "static",
    prepull: options({ numWeeklies: 1, numDailies: 1 }),
    filter: { policies: { weekly: policy({ number: 1 }) }, hideUnknown: false },
    nodeCache: { ...noNodes, nodes },
    ...parts,
  });
}

/** Has its first listing. */
export async function labSource(parts: Partial<SourceOptions> = {}): Promise<ImageSource> {
  const source = staticSource(parts);
  await source.start();
  return source;
}

/** What goes into a pod: a tag with the first hex digits of its digest. */
export function podReference(tag: string, hex?: string): string {
  return `${lab.registry}/${lab.repository}:${tag}${hex === undefined ? "" : `@${sha(hex)}`}`;
}
