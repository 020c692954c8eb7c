/**
 * A failed call, as a caller reads it: code, reason, and the fields that were wrong.
 */
import { Code, ConnectError } from "@connectrpc/connect";
import { expect } from "vitest";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "../../../gen/google/rpc/error_details_pb.ts";

export interface Failure {
  readonly code: string;
  /** Of its one `ErrorInfo`. */
  readonly reason: string;
  /** Of its `BadRequest`, in order. */
  readonly fields: readonly string[];
  readonly message: string;
  /** Whether it says when to try again. */
  readonly retry: boolean;
}

/** The failure of a call, which must fail, with exactly one `ErrorInfo` of the contract's domain. */
export async function failure(call: Promise<unknown>): Promise<Failure> {
  const error = await call.then(
    (answer) => {
      throw new Error(`did not fail: ${String(answer)}`);
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectError)) throw error;
  const [info, ...more] = error.findDetails(ErrorInfoSchema);
  expect(more).toEqual([]);
  expect(info?.domain, `domain of ${error}`).toBe("imagesource.v1");
  const violations = error.findDetails(BadRequestSchema).flatMap(({ fieldViolations }) => fieldViolations);
  for (const { field, description } of violations)
    expect(description, `description of ${field}`).not.toBe("");
  return {
    code: Code[error.code],
    reason: info?.reason ?? "",
    fields: violations.map(({ field }) => field),
    message: error.rawMessage,
    retry: error.findDetails(RetryInfoSchema).length > 0,
  };
}
