/**
 * Mounts handlers that are written for Connect on a server of grpc-js.
 *
 * Requests are decoded here and not by grpc-js, which calls bytes that are no message an internal error and has one
 * limit of size for all methods.
 */
import {
  create,
  type DescMethod,
  type DescService,
  fromBinary,
  isMessage,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  MethodDefinition,
  Server,
  ServerDuplexStream,
  ServerWritableStream,
  ServiceDefinition,
  UntypedHandleCall,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { inTurns } from "../async/in-turns.ts";
import { asBuffer } from "./buffers.ts";
import { CallContext, type GrpcCall } from "./call-context.ts";
import { framed, sendFramed } from "./framed-reply.ts";
import { toStatus } from "./grpc-status.ts";
import { toMetadata } from "./metadata.ts";
import type { Ended, Observer } from "./observer.ts";
import type { ReplyCache } from "./reply-cache.ts";

/** How requests are refused that never reach a handler. */
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

/** A request of so many bytes is worth steps. */
const largeBytes = 64 * 1024;

type Handler = (request: unknown, context: HandlerContext) => unknown;

export function addService<S extends DescService>(
  server: Server,
  service: S,
  impl: ServiceImpl<S>,
  rules: RequestRules,
): void {
  const definition: Record<string, MethodDefinition<unknown, unknown>> = {};
  const handlers: UntypedServiceImplementation = {};
  for (const method of service.methods) {
    const handler = (impl as Record<string, Handler>)[method.localName];
    if (!handler) throw new Error(`${service.typeName} has no handler for ${method.name}`);
    definition[method.localName] = definitionOf(method);
    handlers[method.localName] = adapt(method, handler.bind(impl), rules);
  }
  server.addService(definition as ServiceDefinition, handlers);
}

function definitionOf(method: DescMethod): MethodDefinition<unknown, unknown> {
  const raw = (bytes: Buffer) => bytes;
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === "bidi_streaming" || method.methodKind === "client_streaming",
    responseStream: method.methodKind === "bidi_streaming" || method.methodKind === "server_streaming",
    requestSerialize: raw as (value: unknown) => Buffer,
    requestDeserialize: raw,
    responseSerialize: raw as (value: unknown) => Buffer,
    responseDeserialize: raw,
  };
}

function adapt(method: DescMethod, handler: Handler, rules: RequestRules): UntypedHandleCall {
  switch (method.methodKind) {
    case "unary":
      return unary(method, handler, rules);
    case "server_streaming":
      return serverStreaming(method, handler, rules);
    case "bidi_streaming":
      return bidiStreaming(method, handler, rules);
    case "client_streaming":
      throw new Error(`${method.name}: no service here takes a stream and answers once`);
  }
}

function unary(method: DescMethod, handler: Handler, rules: RequestRules): handleUnaryCall<Buffer, unknown> {
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

function serverStreaming(
  method: DescMethod,
  handler: Handler,
  rules: RequestRules,
): handleServerStreamingCall<Buffer, unknown> {
  return async (call) => {
    const context = new CallContext(method, call);
    await answer(call, method, rules, () => handler(decode(method, call.request, rules), context));
  };
}

function bidiStreaming(
  method: DescMethod,
  handler: Handler,
  rules: RequestRules,
): handleBidiStreamingCall<Buffer, unknown> {
  return async (call) => {
    const context = new CallContext(method, call);
    async function* requests() {
      // Reading must not destroy the stream at its end: the status would never be sent.
      for await (const bytes of call.iterator({ destroyOnReturn: false })) yield decode(method, bytes, rules);
    }
    await answer(call, method, rules, () => handler(requests(), context));
  };
}

type OutgoingStream = ServerWritableStream<Buffer, unknown> | ServerDuplexStream<Buffer, unknown>;

/** Sends what a handler yields, no faster than it is taken, and then how it ended. */
async function answer(
  call: OutgoingStream,
  method: DescMethod,
  rules: RequestRules,
  handle: () => unknown,
): Promise<void> {
  const close = () => call.end();
  const ended = begin(method, call, rules);
  rules.closing.addEventListener("abort", close);
  try {
    for await (const message of handle() as AsyncIterable<unknown>) {
      if (call.cancelled || rules.closing.aborted) break;
      if (!call.write(encode(method, message, rules))) await drained(call);
    }
    ended?.(undefined);
    close();
  } catch (error) {
    const status = toStatus(error);
    ended?.(status.code as number as Code, status.details);
    call.emit("error", status);
  } finally {
    rules.closing.removeEventListener("abort", close);
  }
}

/** Tells that a call begins. A caller who has not waited for its end was not answered, whatever a handler thinks. */
function begin(method: DescMethod, call: GrpcCall, rules: RequestRules) {
  const ended = rules.observe?.(method, call.metadata);
  return (
    ended &&
    ((...outcome: Parameters<Ended>) => {
      if (!call.cancelled) ended(...outcome);
      else ended(Number(call.getDeadline()) <= Date.now() ? Code.DeadlineExceeded : Code.Canceled);
    })
  );
}

function drained(call: OutgoingStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      call.off("drain", done);
      call.off("close", done);
      resolve();
    };
    call.once("drain", done);
    call.once("close", done);
  });
}

function decode(method: DescMethod, bytes: Buffer, rules: RequestRules): Message | Promise<Message> {
  const limit = rules.limitOf(method);
  if (bytes.length > limit) throw rules.tooLarge(bytes.length, limit);
  const inSteps = bytes.length > largeBytes ? rules.decoderOf?.(method) : undefined;
  if (inSteps)
    return inTurns(inSteps(bytes)).catch((error: unknown) => {
      throw rules.malformed(error);
    });
  try {
    return fromBinary(method.input, bytes);
  } catch (error) {
    throw rules.malformed(error);
  }
}

function encode(method: DescMethod, reply: unknown, rules: RequestRules): Buffer {
  try {
    return asBuffer(toBinary(method.output, messageOf(method, reply)));
  } catch (error) {
    throw rules.unencodable(error);
  }
}

function messageOf(method: DescMethod, reply: unknown): Message {
  return isMessage(reply, method.output) ? reply : create(method.output, reply as Record<string, unknown>);
}
