/**
 * What a snapshot answers: images, the menu and the presence of images, with all that a caller is told of them.
 *
 * Values, not messages: `rpc/` writes those.
 */
import { aliasesOf, type Image, isHidden } from "./image.ts";
import { isPrepulled, type NodeCounts, type NodeStates } from "./presence.ts";
import { formatReference } from "./reference.ts";
import type { Snapshot } from "./snapshot.ts";

/** One image, as every answer tells it. */
export interface ImageFacts {
  readonly image: Image;
  /** What goes into a pod: the most exact reference that is known, spelled as configured. */
  readonly reference: string;
  /** Bytes; undefined where nobody tells. */
  readonly size: number | undefined;
  readonly recommended: boolean;
}

export interface ImageAnswer extends ImageFacts {
  /** The other tags of its digest, without the alias target, sorted. */
  readonly aliases: readonly string[];
  /** Names of the nodes that hold it, sorted. */
  readonly nodes: readonly string[];
}

export interface MenuEntry extends ImageFacts {
  readonly prepulled: boolean;
  readonly wanted: boolean;
  /** Number of eligible nodes that hold it. */
  readonly nodeCount: number;
}

export interface PrepulledEntry extends ImageFacts {
  /** The other tags of its digest, sorted. */
  readonly aliases: readonly string[];
  readonly prepulled: boolean;
  readonly wanted: boolean;
  readonly counts: NodeCounts;
  readonly names: NodeStates;
}

export function imageAnswer(snapshot: Snapshot, image: Image): ImageAnswer {
  return {
    ...factsOf(snapshot, image),
    aliases: aliasesOf(image).filter((tag) => tag !== image.aliasTarget),
    nodes: snapshot.presence.nodes(image),
  };
}

export function menuEntries(snapshot: Snapshot): MenuEntry[] {
  return snapshot.menu.map((image) => {
    const counts = snapshot.presence.counts(image);
    return {
      ...factsOf(snapshot, image),
      prepulled: isPrepulled(counts),
      wanted: snapshot.choice.isWanted(image),
      nodeCount: counts.present,
    };
  });
}

/** How many images are wanted, and how many of them are on every eligible node. */
export function prepullCounts({ choice, presence }: Snapshot): { wanted: number; prepulled: number } {
  const prepulled = choice.images.filter((image) => isPrepulled(presence.counts(image)));
  return { wanted: choice.images.length, prepulled: prepulled.length };
}

/**
 * All images that lists show, with their presence on the nodes asked about; `nodes` empty: on the eligible ones.
 * Names of nodes that lack an image are told only of wanted ones, and none at all with `countsOnly`: they would be
 * most of the answer.
 */
export function prepulledEntries(
  snapshot: Snapshot,
  nodes: readonly string[],
  countsOnly: boolean,
): PrepulledEntry[] {
  const asked = nodes.length === 0 ? snapshot.presence.index.eligible : new Set([...nodes].sort());
  return snapshot.collection.images
    .filter((image) => !isHidden(image))
    .map((image) => {
      const wanted = snapshot.choice.isWanted(image);
      const counts = snapshot.presence.counts(image, asked);
      return {
        ...factsOf(snapshot, image),
        aliases: aliasesOf(image),
        prepulled: isPrepulled(counts),
        wanted,
        counts,
        names: countsOnly
          ? noNames
          : wanted
            ? snapshot.presence.states(image, asked)
            : holdersAmong(snapshot, image, asked),
      };
    });
}

const noNames: NodeStates = { present: [], missing: [], unknown: [] };

function holdersAmong(snapshot: Snapshot, image: Image, asked: ReadonlySet<string>): NodeStates {
  return { ...noNames, present: snapshot.presence.nodes(image).filter((name) => asked.has(name)) };
}

function factsOf({ data, presence }: Snapshot, image: Image): ImageFacts {
  const { text } = image.tag;
  return {
    image,
    reference: formatReference({ ...data.repository, tag: text, digest: image.digest }),
    size: presence.size(image),
    recommended: text === data.options.recommendedTag,
  };
}
