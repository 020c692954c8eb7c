/**
 * What the RPCs need of the rest of the program.
 */
import type { ImageAnswer, MenuEntry, PrepulledEntry } from "../domain/answers.ts";
import type { Reference } from "../domain/reference.ts";
import type { ListAnswer, SourceInfo, UpdateAnswer, UpdateRequest } from "../domain/source-info.ts";

export interface Catalog {
  /** One source by its name, the first for "". Fails with `unknown_source`. */
  source(name: string): Source;
  sources(): readonly SourceInfo[];
}

/** Lists and lookups fail with `not_ready` before the first listing. */
export interface Source {
  readonly info: SourceInfo;
  updateImages(update: UpdateRequest, signal: AbortSignal): Promise<UpdateAnswer>;
  /** A promise only where the registry has to be asked. */
  imageForReference(reference: Reference, signal: AbortSignal): ImageAnswer | Promise<ImageAnswer>;
  /** A promise only where the registry has to be asked. */
  imageForTagName(tag: string, signal: AbortSignal): ImageAnswer | Promise<ImageAnswer>;
  /** `size` in bytes, 0 where it is not told. */
  markPrepulled(reference: Reference, node: string, size: number): boolean;
  menuImages(): ListAnswer<MenuEntry>;
  /** `nodes` empty: the eligible ones of the node cache. */
  prepulledImages(nodes: readonly string[], countsOnly: boolean): ListAnswer<PrepulledEntry>;
}
