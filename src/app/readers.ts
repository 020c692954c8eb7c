/**
 * The kinds of source, and how each one's reader is made.
 */
import type { SourceConfig } from "../config/config.ts";
import type { Logger } from "../observability/logger.ts";
import { dockerReader } from "../registry/docker-reader.ts";
import type { Reader } from "../sources/reader.ts";
import { staticReader } from "../sources/static-reader.ts";

/** A reader that holds connections, and gives them back. */
export interface ClosableReader extends Reader {
  close?(): Promise<void>;
}

/** Fails where a file that the source names cannot be used. */
export function readerOf(source: SourceConfig, log: Logger): ClosableReader {
  switch (source.type) {
    case "docker":
      return dockerReader(source, log);
    case "static":
      return staticReader(source.images);
  }
}
