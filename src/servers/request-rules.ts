/**
 * What holds for every call, whichever method and handler it is for.
 */
import type { DescMethod, Message } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import type { Observer } from "./observer.ts";
import type { ReplyCache } from "./reply-cache.ts";

/** How requests are read and refused that never reach a handler, and who is told of calls. */
export interface RequestRules {
  /** The most bytes that a method takes. */
  limitOf(method: DescMethod): number;
  tooLarge(bytes: number, limit: number): ConnectError;
  malformed(cause: unknown): ConnectError;
  /** A reply of ours that is no message of its method: a bug. */
  unencodable(cause: unknown): ConnectError;
  /** Aborted when the server is about to end: streams, which may be open for days, end well then. */
  readonly closing: AbortSignal;
  /** Told of every call. */
  readonly observe?: Observer;
  /** Decodes requests of a method in steps; undefined: they are small. */
  readonly decoderOf?: (method: DescMethod) => ((bytes: Buffer) => Generator<void, Message>) | undefined;
  /** Answers what only reads, and was asked before. */
  readonly replies?: ReplyCache;
}
