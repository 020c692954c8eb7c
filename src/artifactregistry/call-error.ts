/**
 * A call of the API that failed, as the failure that callers are told, and whether asking again makes sense.
 */
import { Code, ConnectError } from "@connectrpc/connect";
import { DomainError, type Fault } from "../domain/errors.ts";

export interface CallFailure {
  readonly error: DomainError;
  readonly code: Code;
  readonly isPassing: boolean;
}

/**
 * What the API answers under load, and in the middle of a listing: "Authentication server unavailable" among them, which
 * Google's own clients do not retry.
 */
const passing: readonly Code[] = [
  Code.Unavailable,
  Code.Internal,
  Code.Unknown,
  Code.Aborted,
  Code.ResourceExhausted,
];

const faults: Partial<Record<Code, Fault>> = {
  [Code.ResourceExhausted]: "registry_rate_limited",
  [Code.Unauthenticated]: "registry_denied",
  [Code.PermissionDenied]: "registry_denied",
  [Code.NotFound]: "repository_not_found",
  [Code.InvalidArgument]: "registry_corrupt",
  [Code.Unimplemented]: "registry_corrupt",
  [Code.DataLoss]: "registry_corrupt",
};

/** When to come back after a refusal for too many calls: the quota is counted by the minute. */
const retryAfterMs = 60_000;

/** `parent` names project and repository, so that an operator knows which rights are missing where. */
export function callFailure(thrown: unknown, parent: string): CallFailure {
  if (thrown instanceof DomainError) {
    return { error: thrown, code: Code.Unknown, isPassing: thrown.fault === "registry_unavailable" };
  }
  const { code, rawMessage } = ConnectError.from(thrown);
  const fault = faults[code] ?? "registry_unavailable";
  const text = `Artifact Registry, ${parent}: ${Code[code]}: ${rawMessage.replace(/\s+/g, " ").slice(0, 500)}`;
  const options = fault === "registry_rate_limited" ? { retryAfterMs, cause: thrown } : { cause: thrown };
  return { error: new DomainError(fault, text, options), code, isPassing: passing.includes(code) };
}
