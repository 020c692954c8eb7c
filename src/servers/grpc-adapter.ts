/**
 * Mounts handlers that are written for Connect on a server of grpc-js.
 */
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { Code, ServiceImpl } from "@connectrpc/connect";
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  MethodDefinition,
  Server,
  ServerDuplexStream,
  ServerWritableStream,
  ServiceDefinition,
  UntypedHandleCall,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { CallContext } from "./call-context.ts";
import { decode, encode } from "./grpc-codec.ts";
import { toStatus } from "./grpc-status.ts";
import { begin } from "./observed-call.ts";
import type { RequestRules } from "./request-rules.ts";
import { type Handler, unary } from "./unary-call.ts";

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
