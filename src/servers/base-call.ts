/**
 * The innermost call of grpc-js, with fields that are private there: interceptors wrap it in calls of their own, and
 * handlers get one more around these. The one place that knows where it is; grpc-js is pinned, and tests hold it.
 */
import type { ServerHttp2Stream } from "node:http2";

export interface BaseCall {
  readonly stream: ServerHttp2Stream;
  /** Whether headers were sent. */
  metadataSent: boolean;
  /** Whether its status is on its way: a deadline that passes has nothing to add. */
  wantTrailers: boolean;
  /** Whether it was counted as ended. */
  streamEnded: boolean;
}

/** Of the call of an interceptor, or of a handler; undefined where grpc-js has it no longer. */
export function baseCallOf(call: unknown): BaseCall | undefined {
  const { call: own, nextCall, stream } = Object(call);
  if (own !== undefined) return baseCallOf(own);
  if (nextCall !== undefined) return baseCallOf(nextCall);
  return stream === undefined ? undefined : (call as BaseCall);
}
