/**
 * How much a call on the HTTP port may send, as it comes and once it is unpacked.
 */
import type { IncomingMessage } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import type { RequestRules } from "./request-rules.ts";

/** Messages of gRPC-Web, and of streams, have five bytes before them. */
const envelopeBytes = 5;

/** A body up to so many bytes. Not read to its end it stays open, so that there can be an answer. */
export async function* limited(
  request: IncomingMessage,
  limit: number,
  tooLarge: RequestRules["tooLarge"],
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const isBare = /^application\/(json|proto)\b/.test(request.headers["content-type"] ?? "");
  let size = isBare ? 0 : -envelopeBytes;
  const told = Number(request.headers["content-length"]) + size;
  if (told > limit) throw tooLarge(told, limit);
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limit) throw tooLarge(size, limit);
    yield chunk;
  }
}

/** What a message unpacks to is limited too. */
export function bounded(compression: Compression, limit: number, tooLarge: () => ConnectError): Compression {
  return {
    ...compression,
    async decompress(bytes) {
      try {
        return await compression.decompress(bytes, limit);
      } catch (error) {
        if (ConnectError.from(error).code === Code.ResourceExhausted) throw tooLarge();
        throw error;
      }
    },
  };
}
