/**
 * Writes messages from domain values: one function per message.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import * as pb from "../../gen/imagesource/v1/image_pb.ts";
import type * as rpc from "../../gen/imagesource/v1/image_source_service_pb.ts";
import type { ImageAnswer, ImageFacts, MenuEntry, PrepulledEntry } from "../domain/answers.ts";
import type { ImageType } from "../domain/image-type.ts";
import type { SnapshotInfo, SourceInfo } from "../domain/source-info.ts";

const types: Readonly<Record<ImageType, pb.ImageType>> = {
  alias: pb.ImageType.ALIAS,
  release: pb.ImageType.RELEASE,
  weekly: pb.ImageType.WEEKLY,
  daily: pb.ImageType.DAILY,
  release_candidate: pb.ImageType.RELEASE_CANDIDATE,
  experimental: pb.ImageType.EXPERIMENTAL,
  unknown: pb.ImageType.UNKNOWN,
};

/** Registry and repository as configured. */
export function imageMessage(
  answer: ImageAnswer,
  { registry, repository }: Pick<SourceInfo, "registry" | "repository">,
): MessageInitShape<typeof pb.ImageSchema> {
  const { tag, digest, uploadTime, aliasTarget } = answer.image;
  return {
    reference: answer.reference,
    registry,
    repository,
    tag: tag.text,
    digest: digest ?? "",
    type: types[tag.type],
    displayName: tag.displayName,
    ...sizeOf(answer),
    aliases: [...answer.aliases],
    aliasTarget: aliasTarget ?? "",
    ...(tag.cycle !== undefined && { cycle: tag.cycle }),
    architecture: tag.architecture ?? "",
    ...(tag.date !== undefined && { date: timestamp(tag.date) }),
    ...(uploadTime !== undefined && { uploadTime: timestamp(uploadTime) }),
    nodes: [...answer.nodes],
    recommended: answer.recommended,
  };
}

export function menuImageMessage(entry: MenuEntry): MessageInitShape<typeof rpc.MenuImageSchema> {
  const { tag, digest } = entry.image;
  return {
    reference: entry.reference,
    name: tag.displayName,
    tag: tag.text,
    digest: digest ?? "",
    type: types[tag.type],
    prepulled: entry.prepulled,
    recommended: entry.recommended,
    wanted: entry.wanted,
    nodeCount: entry.nodeCount,
    ...sizeOf(entry),
  };
}

export function prepulledImageMessage(
  entry: PrepulledEntry,
): MessageInitShape<typeof rpc.PrepulledImageSchema> {
  const { tag, digest, aliasTarget } = entry.image;
  return {
    reference: entry.reference,
    tag: tag.text,
    digest: digest ?? "",
    name: tag.displayName,
    type: types[tag.type],
    ...sizeOf(entry),
    aliases: [...entry.aliases],
    aliasTarget: aliasTarget ?? "",
    prepulled: entry.prepulled,
    wanted: entry.wanted,
    nodes: [...entry.names.present],
    missing: [...entry.names.missing],
    unknown: [...entry.names.unknown],
    nodeCount: entry.counts.present,
    missingCount: entry.counts.missing,
    unknownCount: entry.counts.unknown,
  };
}

export function snapshotMessage(info: SnapshotInfo): MessageInitShape<typeof pb.SnapshotSchema> {
  const { version, updateTime, ...same } = info;
  return { ...same, version: BigInt(version), updateTime: timestamp(updateTime) };
}

export function sourceMessage({ snapshot, ...same }: SourceInfo): MessageInitShape<typeof rpc.SourceSchema> {
  return { ...same, warnings: [...same.warnings], ...(snapshot && { snapshot: snapshotMessage(snapshot) }) };
}

function sizeOf({ size }: ImageFacts): { sizeBytes?: bigint } {
  return size === undefined ? {} : { sizeBytes: BigInt(size) };
}

function timestamp(milliseconds: number): Timestamp {
  return timestampFromMs(milliseconds);
}
