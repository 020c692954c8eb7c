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

/** Told that a call has begun; what it returns is told once how it ended. */
export type Observer = (method: DescMethod, call: ObservedCall) => (outcome: Outcome) => void;
