/**
 * What was thrown, as the status that grpc-js sends.
 */
import { Code, ConnectError } from "@connectrpc/connect";
import type { StatusObject } from "@grpc/grpc-js";
import { encodeStatus } from "../status/error-details.ts";
import { asBuffer } from "./buffers.ts";
import { toMetadata } from "./metadata.ts";

/** Nothing of an unknown error is told, nor of one whose details cannot be encoded. */
export function toStatus(thrown: unknown): StatusObject & Error {
  const error = thrown instanceof ConnectError ? thrown : internalError();
  try {
    return statusOf(error);
  } catch {
    return statusOf(internalError()); // thrown here it would reach nobody, and the caller would wait
  }
}

function internalError(): ConnectError {
  return new ConnectError("internal error", Code.Internal);
}

/** grpc-js must not get a ConnectError itself: its metadata are Headers. */
function statusOf(error: ConnectError): StatusObject & Error {
  const message = error.rawMessage.toWellFormed(); // a lone surrogate would kill the process
  const metadata = toMetadata(error.metadata);
  const status = encodeStatus(error, message);
  if (status) metadata.set("grpc-status-details-bin", asBuffer(status));
  return { name: "StatusError", message, code: error.code as number, details: message, metadata };
}
