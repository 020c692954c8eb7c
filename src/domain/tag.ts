/**
 * A tag that has been understood: what its text says, whatever the scheme it was read by.
 *
 * Schemes live in files of their own (`rsp-tags.ts`); what orders, filters and plans knows only what stands here.
 */
import type { ImageType } from "./image-type.ts";
import type { Version } from "./version.ts";

export interface Tag {
  /** The tag as the registry has it. */
  readonly text: string;
  readonly type: ImageType;
  readonly displayName: string;
  /** Name without cycle and architecture; tags that have a version have none. */
  readonly base: string | undefined;
  readonly version: Version | undefined;
  /** Whether the version is a release's, or a candidate's, and not made of a date. */
  readonly semantic: boolean;
  readonly cycle: number | undefined;
  readonly cycleBuild: number | undefined;
  /** Build number of the platform's own software. */
  readonly build: number | undefined;
  readonly extra: string | undefined;
  /** Architecture that the image is made for, as spelled; undefined for a generic image. */
  readonly architecture: string | undefined;
  /** 00:00 UTC of the day that the tag stands for, milliseconds since the epoch. */
  readonly date: number | undefined;
}

/** How tags are read. `asAlias` reads a tag that was named as an alias; a tag with a grammar of its own stays. */
export interface TagScheme {
  parse(text: string): Tag;
  asAlias(tag: Tag): Tag;
}

// The grammar of the OCI distribution specification.
const namePattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** Whether a text can be a tag of a registry: at most 128 characters. */
export function isTagName(text: string): boolean {
  return namePattern.test(text);
}

// cosign's signatures, attestations and bills of materials, and the fallback tags of OCI referrers.
const attachmentPattern = /^sha256-[a-f0-9]{64}(?:\.(?:sig|att|sbom))?$/;

/** Whether a tag belongs to what tools keep beside images, and is no image (registry case 145). */
export function isAttachment(text: string): boolean {
  return attachmentPattern.test(text);
}
