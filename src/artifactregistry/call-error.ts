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
 * Google's own clients do not retry. A call that somebody on the way has cut off looks cancelled: not by us, as long
 * as our signal does not say so.
 */
const passing: readonly Code[] = [
  Code.Unavailable,
  Code.Internal,
  Code.Unknown,
  Code.Aborted,
  Code.Canceled,
  Code.DeadlineExceeded,
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

/**
 * `parent` names project and repository, so that an operator knows which rights are missing where. What the API says
 * is told without the token, in case that it repeats it.
 */
export function callFailure(thrown: unknown, parent: string, token: string | undefined): CallFailure {
  if (thrown instanceof DomainError) {
    return { error: thrown, code: Code.Unknown, isPassing: thrown.fault === "registry_unavailable" };
  }
  const { code, rawMessage } = ConnectError.from(thrown);
  const said = token ? rawMessage.replaceAll(token, "[secret]") : rawMessage;
  const text = `Artifact Registry, ${parent}: ${Code[code]}: ${said.replace(/\s+/g, " ").slice(0, 500)}`;
  if (isTooLong(code, rawMessage)) {
    return { error: new DomainError("registry_limit", text), code, isPassing: false };
  }
  const fault = faults[code] ?? "registry_unavailable";
  const options = fault === "registry_rate_limited" ? { retryAfterMs } : {};
  return { error: new DomainError(fault, text, options), code, isPassing: passing.includes(code) };
}

/** An answer over our limit has the code of a quota that is used up, and only its text tells them apart. */
function isTooLong(code: Code, message: string): boolean {
  return code === Code.ResourceExhausted && message.includes("readMaxBytes");
}
