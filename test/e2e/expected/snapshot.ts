/**
 * Checks of the two fields of a snapshot that nobody can know beforehand, and the message with the others as expected.
 */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { expect } from "vitest";
import { type Snapshot, SnapshotSchema } from "../../../gen/imagesource/v1/image_pb.ts";

/** What can be known: all but the version and the time of the listing. */
export type Known = Omit<
  MessageInitShape<typeof SnapshotSchema>,
  "version" | "updateTime" | "$typeName" | "$unknown"
>;

/**
 * The expected snapshot. Its version and time are taken from the answer, once they are plausible: a version above 0,
 * a time between the service's start and now.
 */
export function snapshot(answer: { snapshot?: Snapshot | undefined }, known: Known, since: Date): Snapshot {
  const { version, updateTime } = answer.snapshot ?? create(SnapshotSchema);
  expect(version).toBeGreaterThan(0n);
  expect(updateTime).toBeDefined();
  if (!updateTime) throw new Error("no time");
  expect(timestampMs(updateTime)).toBeGreaterThanOrEqual(since.getTime() - 1);
  expect(timestampMs(updateTime)).toBeLessThanOrEqual(Date.now() + 1);
  return create(SnapshotSchema, { ...known, version, updateTime });
}

/** The version of an answer, to see whether it grew. */
export function version(answer: { snapshot?: Snapshot | undefined }): bigint {
  if (!answer.snapshot) throw new Error("no snapshot");
  return answer.snapshot.version;
}
