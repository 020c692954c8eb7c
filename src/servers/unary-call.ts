/**
 * A unary call of grpc-js: what was asked before is answered from the replies that are kept, anything else by its handler.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import type { Code, HandlerContext } from "@connectrpc/connect";
import type { handleUnaryCall } from "@grpc/grpc-js";
import { CallContext } from "./call-context.ts";
import { framed, sendFramed } from "./framed-reply.ts";
import { decode, encode } from "./grpc-codec.ts";
import { toStatus } from "./grpc-status.ts";
import { toMetadata } from "./metadata.ts";
import { begin } from "./observed-call.ts";
import type { RequestRules } from "./request-rules.ts";

export type Handler = (request: unknown, context: HandlerContext) => unknown;

export function unary(
  method: DescMethod,
  handler: Handler,
  rules: RequestRules,
): handleUnaryCall<Buffer, unknown> {
  const isRead = method.idempotency === Level.NO_SIDE_EFFECTS;
  const kept = isRead ? rules.replies?.of(method.name) : undefined;
  return (call, callback) => {
    const ended = begin(method, call, rules);
    const known = kept?.get(call.request);
    if (known) {
      ended?.(undefined);
      sendFramed(call, known, callback);
      return;
    }
    const context = new CallContext(method, call);
    const succeed = (message: unknown, isAtOnce: boolean) => {
      const bytes = encode(method, message, rules);
      const { header, trailer } = context.sent;
      if (header) call.sendMetadata(toMetadata(header));
      ended?.(undefined);
      if (!kept || !isAtOnce || header || trailer) callback(null, bytes, trailer && toMetadata(trailer));
      else {
        const frame = framed(bytes);
        kept.set(call.request, frame);
        sendFramed(call, frame, callback);
      }
    };
    const fail = (error: unknown) => {
      const status = toStatus(error);
      ended?.(status.code as number as Code, status.details);
      callback(status);
    };
    try {
      const request = decode(method, call.request, rules);
      const reply =
        request instanceof Promise
          ? request.then((message) => handler(message, context))
          : handler(request, context);
      if (reply instanceof Promise) reply.then((message) => succeed(message, false)).catch(fail);
      else succeed(reply, true);
    } catch (error) {
      fail(error);
    }
  };
}
