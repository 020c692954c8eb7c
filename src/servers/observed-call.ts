/**
 * Who is told of calls of grpc-js.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import type { GrpcCall } from "./call-context.ts";
import type { Ended } from "./observer.ts";
import type { RequestRules } from "./request-rules.ts";

/** Tells that a call begins. A caller who has not waited for its end was not answered, whatever a handler thinks. */
export function begin(method: DescMethod, call: GrpcCall, rules: RequestRules) {
  const ended = rules.observe?.(method, call.metadata);
  return (
    ended &&
    ((...outcome: Parameters<Ended>) => {
      if (!call.cancelled) ended(...outcome);
      else ended(Number(call.getDeadline()) <= Date.now() ? Code.DeadlineExceeded : Code.Canceled);
    })
  );
}
