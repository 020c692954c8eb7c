/**
 * A source for tests, over any reader.
 */
import { noNodes } from "../../src/domain/node-cache.ts";
import { parseReference, type Reference } from "../../src/domain/reference.ts";
import { ImageSource, type SourceOptions } from "../../src/sources/image-source.ts";
import type { Reader } from "../../src/sources/reader.ts";
import type { StateStore } from "../../src/sources/state-keeper.ts";
import type { SourceLog } from "../../src/sources/updates.ts";
import { lab, options, sha } from "./domain.ts";
import { silent } from "./reader.ts";

export function sourceOf(
  reader: Reader,
  parts: Partial<SourceOptions> = {},
  changed: () => void = () => {},
  { store, log = silent }: { readonly store?: StateStore; readonly log?: SourceLog } = {},
): ImageSource {
  const defaults: SourceOptions = {
    name: "lab",
    type: "docker",
    ...lab,
    prepull: options(),
    filter: { policies: {}, hideUnknown: false },
    resolveTtl: 30_000,
    nodeCache: noNodes,
    refreshInterval: 0,
    refreshTimeout: 120_000,
  };
  return new ImageSource({ ...defaults, ...parts }, reader, log, changed, store);
}

/** A reference of the repository `lab`: `w_2077_43`, `@a`, or `w_2077_43@a` with the digest's first hex digits. */
export function ref(text: string): Reference {
  const [tag = "", hex] = text.split("@");
  const version = `${tag && `:${tag}`}${hex === undefined ? "" : `@${sha(hex)}`}`;
  return parseReference(`${lab.registry}/${lab.repository}${version}`);
}

export const nothing = { prepull: undefined, nodeCache: undefined };
