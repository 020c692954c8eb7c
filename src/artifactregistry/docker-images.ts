/**
 * What the API tells of images, as tags of one of them. The API lists the whole repository: images of other names, and
 * those without a tag, are left out.
 */
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { DockerImage } from "../../gen/google/devtools/artifactregistry/v1/artifact_registry_pb.ts";
import { isDigest } from "../domain/digest.ts";
import { isTagName } from "../domain/tag.ts";

export interface GoogleTag {
  readonly name: string;
  readonly digest: string;
  readonly size: number | undefined;
  readonly uploadTime: number | undefined;
  readonly platforms: readonly string[];
}

/** Tags by their names, as pages add to them. */
export class TagsOfImage {
  readonly #prefix: string;
  readonly #tags = new Map<string, GoogleTag>();
  #dropped = 0;

  /** `path` is that of the image: `L-docker.pkg.dev/P/R/IMAGE`. */
  constructor(path: string) {
    this.#prefix = `${path}@`;
  }

  get tags(): readonly GoogleTag[] {
    return [...this.#tags.values()];
  }

  get size(): number {
    return this.#tags.size;
  }

  /** What was left out although it is of the image: a sentence each. */
  get warnings(): readonly string[] {
    return this.#dropped === 0
      ? []
      : [`${this.#dropped} tags or digests that the API tells are none, and left out`];
  }

  add(images: readonly DockerImage[]): void {
    for (const image of images) {
      if (!image.uri.startsWith(this.#prefix)) continue;
      for (const name of image.tags) this.#addTag(name, image);
    }
  }

  #addTag(name: string, { uri, imageSizeBytes, uploadTime, imageManifests }: DockerImage): void {
    const digest = uri.slice(this.#prefix.length);
    if (!isTagName(name) || !isDigest(digest)) {
      this.#dropped += 1;
      return;
    }
    const uploaded = timeOf(uploadTime);
    // A tag that moves while the pages are read stands on both images: it is on the newer one now.
    const known = this.#tags.get(name)?.uploadTime;
    if (known !== undefined && (uploaded === undefined || uploaded < known)) return;
    this.#tags.set(name, {
      name,
      digest,
      size: sizeOf(imageSizeBytes),
      uploadTime: uploaded,
      platforms: imageManifests.map((manifest) => manifest.digest).filter(isDigest),
    });
  }
}

/** Bytes; 0 is how the API says that it does not know, and what is no exact number is no size. */
function sizeOf(bytes: bigint): number | undefined {
  return bytes > 0n && bytes <= Number.MAX_SAFE_INTEGER ? Number(bytes) : undefined;
}

// What a Timestamp may be: the years 1 to 9999.
const firstMs = Date.parse("0001-01-01T00:00:00Z");
const lastMs = Date.parse("9999-12-31T23:59:59.999Z");

function timeOf(timestamp: Timestamp | undefined): number | undefined {
  const time = timestamp && timestampMs(timestamp);
  return time !== undefined && time >= firstMs && time <= lastMs ? time : undefined;
}
