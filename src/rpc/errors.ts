/**
 * Turns what was thrown into a status: the one place where faults become codes and reasons (architecture 1, "Errors").
 *
 * What is no fault is a bug: it is handed to the log whole and sent without its text.
 */
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { DomainError, type Fault } from "../domain/errors.ts";
import { detail } from "../status/error-details.ts";
import { InvalidRequest, type Violation } from "./violations.ts";

/** Who named the reasons. */
const errorDomain = "imagesource.v1";

const statuses: Readonly<Record<Fault, { code: Code; reason: string }>> = {
  invalid: { code: Code.InvalidArgument, reason: "INVALID_REQUEST" },
  unknown_source: { code: Code.NotFound, reason: "UNKNOWN_SOURCE" },
  unknown_image: { code: Code.NotFound, reason: "UNKNOWN_IMAGE" },
  digest_mismatch: { code: Code.NotFound, reason: "DIGEST_MISMATCH" },
  not_ready: { code: Code.Unavailable, reason: "NOT_READY" },
  registry_unavailable: { code: Code.Unavailable, reason: "REGISTRY_UNAVAILABLE" },
  registry_rate_limited: { code: Code.ResourceExhausted, reason: "REGISTRY_RATE_LIMITED" },
  registry_limit: { code: Code.ResourceExhausted, reason: "REGISTRY_LIMIT" },
  overloaded: { code: Code.ResourceExhausted, reason: "OVERLOADED" },
  registry_denied: { code: Code.FailedPrecondition, reason: "REGISTRY_DENIED" },
  repository_not_found: { code: Code.FailedPrecondition, reason: "REPOSITORY_NOT_FOUND" },
  registry_corrupt: { code: Code.DataLoss, reason: "REGISTRY_CORRUPT" },
};

interface StatusOptions {
  readonly code: Code;
  readonly reason: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
  readonly violations?: readonly Violation[];
  readonly cause?: unknown;
}

/** Bytes of the longest text that is sent: it stands in the trailers twice, of which some clients take 8 kB. */
const maxMessageBytes = 1_000;

/** A status with the details of the contract. */
function statusError({
  code,
  reason,
  message,
  retryAfterMs,
  violations,
  cause,
}: StatusOptions): ConnectError {
  const text = shorten(message);
  const error = new ConnectError(text, code, undefined, undefined, cause);
  error.details.push(detail(ErrorInfoSchema, { reason, domain: errorDomain }));
  if (violations) error.details.push(detail(BadRequestSchema, { fieldViolations: [...violations] }));
  if (retryAfterMs !== undefined)
    error.details.push(detail(RetryInfoSchema, { retryDelay: durationFromMs(Math.ceil(retryAfterMs)) }));
  return error;
}

/** As much of a text as may be sent, without cutting a character in two. */
function shorten(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxMessageBytes));
  return read < text.length ? `${text.slice(0, read)}…` : text;
}

/** A request that is no such message. */
export function malformedRequest(cause: unknown): ConnectError {
  return statusError({ ...statuses.invalid, message: "the request is no such message", cause });
}

/** A request of more bytes than its method takes. */
export function requestTooLarge(bytes: number, limit: number): ConnectError {
  const message = `the request has ${bytes} bytes, at most ${limit} are allowed`;
  return statusError({ code: Code.ResourceExhausted, reason: "REQUEST_TOO_LARGE", message });
}

/** A caller without a token, or with one that is not known; `challenge` tells how to present one. */
export function invalidToken(challenge: string): ConnectError {
  const message = "a bearer token that the service knows has to be sent";
  const error = statusError({ code: Code.Unauthenticated, reason: "INVALID_TOKEN", message });
  error.metadata.set("www-authenticate", challenge);
  return error;
}

/** A caller without a certificate of an authority that the service knows. */
export function clientCertificateRequired(): ConnectError {
  const message = "a client certificate that the service trusts has to be shown";
  return statusError({ code: Code.Unauthenticated, reason: "CLIENT_CERTIFICATE_REQUIRED", message });
}

/** A method that changes something, called with a token that may only read. */
export function readOnlyToken(): ConnectError {
  const message = "this token may only read";
  return statusError({ code: Code.PermissionDenied, reason: "READ_ONLY_TOKEN", message });
}

/** `onBug` is told of what nobody foresaw. */
export function toConnectError(error: unknown, onBug: (error: unknown) => void): ConnectError {
  if (error instanceof ConnectError) return error; // a deadline, or a caller who has gone
  if (error instanceof InvalidRequest) {
    const { message, violations } = error;
    return statusError({ ...statuses.invalid, message, violations, cause: error });
  }
  if (error instanceof DomainError) {
    const { fault, message, retryAfterMs } = error;
    return statusError({ ...statuses[fault], message, retryAfterMs, cause: error });
  }
  onBug(error);
  return statusError({ code: Code.Internal, reason: "INTERNAL", message: "internal error", cause: error });
}
