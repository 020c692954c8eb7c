/**
 * Bytes to messages and back, by the rules of a method. Requests are decoded here and not by grpc-js, which calls bytes
 * that are no message an internal error and has one limit of size for all methods.
 */
import { create, type DescMethod, fromBinary, isMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { inTurns } from "../async/in-turns.ts";
import { asBuffer } from "./buffers.ts";
import type { RequestRules } from "./request-rules.ts";

/** A request of so many bytes is worth steps. */
const largeBytes = 64 * 1024;

/** At once, or in turns where the request is large. Fails as the rules say. */
export function decode(method: DescMethod, bytes: Buffer, rules: RequestRules): Message | Promise<Message> {
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

/** Fails as the rules say. */
export function encode(method: DescMethod, reply: unknown, rules: RequestRules): Buffer {
  try {
    return asBuffer(toBinary(method.output, messageOf(method, reply)));
  } catch (error) {
    throw rules.unencodable(error);
  }
}

function messageOf(method: DescMethod, reply: unknown): Message {
  return isMessage(reply, method.output) ? reply : create(method.output, reply as Record<string, unknown>);
}
