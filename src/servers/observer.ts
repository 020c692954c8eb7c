/**
 * Who is told of calls, on whichever port they come.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import type { Code } from "@connectrpc/connect";

/** How a call ended; undefined: well. */
export type Outcome = Code | undefined;

export interface ObservedCall {
  /** The headers of the request with a name, asked for only where they are needed. */
  get(name: string): readonly { toString(): string }[];
}

/** Told once how a call ended; `message` is what its caller was told, where that is known. */
export type Ended = (outcome: Outcome, message?: string) => void;

/** Told that a call has begun. */
export type Observer = (method: DescMethod, call: ObservedCall) => Ended;
