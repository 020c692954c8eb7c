/**
 * The innermost call of grpc-js, which has the stream as a private field: interceptors wrap it in calls of their own. The one
 * place that knows where it is; grpc-js is pinned, and tests hold it.
 */
import type { ServerHttp2Stream } from "node:http2";

export interface BaseCall {
  readonly stream: ServerHttp2Stream;
}

/** Undefined where grpc-js has it no longer. */
export function baseCallOf(call: unknown): BaseCall | undefined {
  const { nextCall, stream } = Object(call);
  if (nextCall !== undefined) return baseCallOf(nextCall);
  return stream === undefined ? undefined : (call as BaseCall);
}
