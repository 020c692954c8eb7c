/**
 * A reply with the five bytes that gRPC puts before it, and its way to the caller past grpc-js, which copies every reply:
 * of 2,000 images that is most of what a call costs.
 */
import type { ServerHttp2Stream } from "node:http2";
import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import { baseCallOf } from "./base-call.ts";

const prefixBytes = 5;

const headers = { ":status": 200, "content-type": "application/grpc+proto" };
const options = { waitForTrailers: true, sendDate: false };
const trailers = { "grpc-status": "0" };

export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafeSlow(prefixBytes + message.length); // it is kept: no slice of the shared pool
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, prefixBytes);
  return frame;
}

/** Answers a call that nothing was sent to, with the status OK; the ordinary way where there is no other. */
export function sendFramed(
  call: ServerUnaryCall<Buffer, unknown>,
  frame: Buffer,
  ordinary: sendUnaryData<unknown>,
): void {
  const base = baseCallOf(call);
  if (!base || base.metadataSent) {
    ordinary(null, frame.subarray(prefixBytes));
    return;
  }
  const { stream } = base;
  if (stream.destroyed || stream.closed || stream.headersSent) return; // the caller has gone, or its deadline has passed
  base.metadataSent = true;
  base.wantTrailers = true;
  base.streamEnded = true;
  stream.respond(headers, options);
  stream.once("wantTrailers", sendTrailers);
  stream.end(frame);
}

function sendTrailers(this: ServerHttp2Stream): void {
  this.sendTrailers(trailers);
}
