/**
 * A call that failed, as its caller reads it.
 */
import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";

export interface Failure {
  readonly code: string;
  readonly message: string;
  /** Reasons and domains of all its `ErrorInfo`. */
  readonly infos: readonly (readonly [reason: string, domain: string])[];
  /** Of its `BadRequest`. */
  readonly fields: readonly string[];
  readonly descriptions: readonly string[];
  /** Milliseconds of all its `RetryInfo`. */
  readonly retries: readonly number[];
}

/** Fails where the call succeeds. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  const error = await call.then(
    () => {
      throw new Error("the call did not fail");
    },
    (reason: unknown) => ConnectError.from(reason),
  );
  const violations = error.findDetails(BadRequestSchema).flatMap((found) => found.fieldViolations);
  return {
    code: Code[error.code],
    message: error.rawMessage,
    infos: error.findDetails(ErrorInfoSchema).map(({ reason, domain }) => [reason, domain]),
    fields: violations.map(({ field }) => field),
    descriptions: violations.map(({ description }) => description),
    retries: error.findDetails(RetryInfoSchema).map(({ retryDelay }) => {
      return Number(retryDelay?.seconds ?? 0) * 1000 + (retryDelay?.nanos ?? 0) / 1e6;
    }),
  };
}

/** What a failure of the contract looks like. */
export function contractFailure(code: string, reason: string, parts: Partial<Failure> = {}) {
  return {
    code,
    infos: [[reason, "imagesource.v1"]],
    fields: [],
    retries: [],
    ...parts,
  };
}
