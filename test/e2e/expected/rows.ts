/**
 * Short forms of the messages that are expected, so that the expectations can be tables: what a row leaves out is
 * unset in the message, and what follows from the rest (references, counts) is filled in.
 *
 * Knows the contract's form, and no image.
 */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Image, ImageSchema, ImageType } from "../../../gen/imagesource/v1/image_pb.ts";
import {
  type MenuImage,
  MenuImageSchema,
  type PrepulledImage,
  PrepulledImageSchema,
} from "../../../gen/imagesource/v1/image_source_service_pb.ts";
import type { ImageName } from "../support/content.ts";

export const { ALIAS, RELEASE, WEEKLY, DAILY, RELEASE_CANDIDATE, EXPERIMENTAL, UNKNOWN } = ImageType;

/** Where the images are: what references begin with, and the digests that crane told. */
export interface Place {
  /** `127.0.0.1:PORT/sciplat/lab` */
  readonly lab: string;
  readonly digests: Readonly<Record<ImageName, string>>;
}

type Flag = "wanted" | "recommended" | "prepulled";

/** An entry of the menu. Without a digest its tag is not resolved. */
export type Row = readonly [
  tag: string,
  name: string,
  type: ImageType,
  digest?: string,
  flags?: readonly Flag[],
  nodeCount?: number,
  sizeBytes?: bigint,
];

const reference = (place: string, tag: string, digest: string) => `${place}:${tag}${digest && `@${digest}`}`;

export function menu(place: string, rows: readonly Row[]): MenuImage[] {
  return rows.map(([tag, name, type, digest = "", flags = [], nodeCount = 0, sizeBytes]) =>
    create(MenuImageSchema, {
      reference: reference(place, tag, digest),
      name,
      tag,
      digest,
      type,
      prepulled: flags.includes("prepulled"),
      recommended: flags.includes("recommended"),
      wanted: flags.includes("wanted"),
      nodeCount,
      ...(sizeBytes && { sizeBytes }),
    }),
  );
}

/** The rows with those of equal tag in place of the old ones. */
export function replaced(rows: readonly Row[], news: readonly Row[]): Row[] {
  for (const [tag] of news) if (!rows.some(([old]) => old === tag)) throw new Error(`no row of ${tag}`);
  return rows.map((row) => news.find(([tag]) => tag === row[0]) ?? row);
}

/** The rows without those of some tags. */
export function without(rows: readonly Row[], ...tags: readonly string[]): Row[] {
  for (const tag of tags) if (!rows.some(([old]) => old === tag)) throw new Error(`no row of ${tag}`);
  return rows.filter(([tag]) => !tags.includes(tag));
}

/** The nodes asked about, by what is known of an image there. */
export interface Presence {
  readonly nodes: readonly string[];
  readonly missing: readonly string[];
  readonly unknown: readonly string[];
}

export interface PrepulledTable {
  /** The menu's rows, since both list the same images in the same order where no filter is set. */
  readonly rows: readonly Row[];
  /** By tag: the alias target, and all other tags of the digest. */
  readonly aliases: Readonly<Record<string, { readonly target?: string; readonly all: readonly string[] }>>;
  /** By digest; what is not there is as `others`. */
  readonly presence: Readonly<Record<string, Presence>>;
  /** Of everything else. */
  readonly others: Presence;
  readonly countsOnly?: boolean;
}

export function prepulled(place: string, table: PrepulledTable): PrepulledImage[] {
  return table.rows.map(([tag, name, type, digest = "", flags = [], , sizeBytes]) => {
    const { nodes, missing, unknown } = table.presence[digest] ?? table.others;
    const wanted = flags.includes("wanted");
    const named = !table.countsOnly;
    return create(PrepulledImageSchema, {
      reference: reference(place, tag, digest),
      tag,
      digest,
      name,
      type,
      ...(sizeBytes && { sizeBytes }),
      aliases: [...(table.aliases[tag]?.all ?? [])],
      aliasTarget: table.aliases[tag]?.target ?? "",
      prepulled: nodes.length > 0 && missing.length === 0 && unknown.length === 0,
      wanted,
      nodes: named ? [...nodes] : [],
      missing: named && wanted ? [...missing] : [],
      unknown: named && wanted ? [...unknown] : [],
      nodeCount: nodes.length,
      missingCount: missing.length,
      unknownCount: unknown.length,
    });
  });
}

export type ImageFields = MessageInitShape<typeof ImageSchema> & { tag: string; digest: string };

/** An image of the repository. References, registry and repository are filled in. */
export function image(place: string, fields: ImageFields): Image {
  const slash = place.indexOf("/");
  return create(ImageSchema, {
    reference: reference(place, fields.tag, fields.digest),
    registry: place.slice(0, slash),
    repository: place.slice(slash + 1),
    ...fields,
  });
}

/** 00:00 UTC of a day. */
export function day(text: `${number}-${number}-${number}`): { seconds: bigint; nanos: 0 } {
  return { seconds: BigInt(Date.parse(`${text}T00:00:00Z`) / 1000), nanos: 0 };
}
