/**
 * The images that the sources want on every node, merged: one per digest, however many tags and sources name it.
 */
import { fitsArchitecture } from "./architecture.ts";

/** Who wants an image, and how that source calls it. */
export interface Want {
  readonly source: string;
  /** `registry/repository:tag@digest`, as the source said it. */
  readonly reference: string;
}

export interface WantedImage {
  /** Empty where the source knows none: such an image cannot be pulled. */
  readonly digest: string;
  readonly tag: string;
  /** What is pulled, under the first name that was given: `registry/repository:tag@digest`. */
  readonly reference: string;
  /** As the tag spells it; undefined: for every node. */
  readonly architecture: string | undefined;
  readonly isRecommended: boolean;
  /** Names of nodes that hold it, as the service knows; of several sources, all of them. */
  readonly nodes: ReadonlySet<string>;
  readonly wants: readonly Want[];
}

/** An image as a source's answer names it. */
export interface AnsweredImage {
  /** `registry/repository:tag@digest`, without the digest where it is not known. */
  readonly reference: string;
  readonly digest: string;
  readonly tag: string;
  /** Empty: for every node. */
  readonly architecture: string;
  readonly recommended: boolean;
  readonly nodes: readonly string[];
}

/** What one source wants, in its order. */
export interface SourceAnswer {
  readonly source: string;
  readonly images: readonly AnsweredImage[];
}

/** In the order in which they are named first. What has no digest goes by its reference. */
export function mergeWanted(answers: readonly SourceAnswer[]): WantedImage[] {
  const merged = new Map<string, WantedImage>();
  for (const { source, images } of answers) {
    for (const image of images) {
      const key = image.digest || image.reference;
      const known = merged.get(key);
      merged.set(key, known ? withName(known, source, image) : wantedBy(source, image));
    }
  }
  return [...merged.values()];
}

/** The digests that are known. */
export function wantedDigests(wanted: Iterable<WantedImage>): Set<string> {
  return new Set([...wanted].map(({ digest }) => digest).filter((digest) => digest !== ""));
}

function wantedBy(source: string, image: AnsweredImage): WantedImage {
  const { reference, digest, tag, architecture, recommended, nodes } = image;
  return {
    digest,
    tag,
    reference,
    architecture: architecture === "" ? undefined : architecture,
    isRecommended: recommended,
    nodes: new Set(nodes),
    wants: [{ source, reference }],
  };
}

/** The same image under another name. */
function withName(known: WantedImage, source: string, image: AnsweredImage): WantedImage {
  const { reference, architecture, recommended, nodes } = image;
  const isWantedBySource = known.wants.some((want) => want.source === source);
  return {
    ...known,
    architecture: bothArchitectures(known.architecture, architecture),
    isRecommended: known.isRecommended || recommended,
    nodes: new Set([...known.nodes, ...nodes]),
    wants: isWantedBySource ? known.wants : [...known.wants, { source, reference }],
  };
}

/** What is named for two architectures is for more than one, so for every node. */
function bothArchitectures(known: string | undefined, other: string): string | undefined {
  return known !== undefined && other !== "" && fitsArchitecture(known, other) ? known : undefined;
}
