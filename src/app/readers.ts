/**
 * The kinds of source, and how each one's reader is made.
 *
 * A reader's code is loaded for the first source of its kind: what speaks to registries is a fifth of the program.
 */
import { referencePath } from "../artifactregistry/image-path.ts";
import type { SourceConfig } from "../config/config.ts";
import type { Repository } from "../domain/reference.ts";
import type { Logger } from "../observability/logger.ts";
import type { RequestEnded } from "../registry/transport.ts";
import type { Reader } from "../sources/reader.ts";
import { staticReader } from "../sources/static-reader.ts";

/** A reader that holds connections, and gives them back. */
export interface ClosableReader extends Reader {
  close?(): Promise<void>;
}

/** Fails where a file that the source names cannot be used. */
export async function readerOf(
  source: SourceConfig,
  log: Logger,
  requestEnded: RequestEnded,
): Promise<ClosableReader> {
  switch (source.type) {
    case "docker": {
      const { dockerReader } = await import("../registry/docker-reader.ts");
      return dockerReader(source, log, { requestEnded });
    }
    case "google": {
      const { googleReader } = await import("../artifactregistry/google-reader.ts");
      return googleReader(source, log, { requestEnded });
    }
    case "static":
      return staticReader(source.images);
  }
}

/** What references to the source's images begin with. */
export function pathOf(source: SourceConfig): Repository {
  return source.type === "google" ? referencePath(source) : source;
}
