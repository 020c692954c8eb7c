/**
 * The images that the sources want on every node, merged: one per digest, however many tags and sources name it.
 */

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
