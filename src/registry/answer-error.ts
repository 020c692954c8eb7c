/**
 * An answer that is no success, as the failure that callers are told.
 */
import { DomainError, type Fault } from "../domain/errors.ts";
import { type Answer, describeExchange } from "./exchange.ts";
import { type RegistryErrors, registryErrors } from "./registry-errors.ts";
import type { Secrets } from "./secrets.ts";

export interface AnswerErrorOptions {
  /** Whether we asked without credentials: what is private then looks like what is not there. */
  readonly anonymous: boolean;
  /** What a 404 means. */
  readonly notFound: Fault;
  readonly secrets: Secrets;
  readonly retryAfterMs?: number | undefined;
}

/** Codes that say more than the status they come with. */
const codeFaults: Record<string, Fault> = {
  NAME_UNKNOWN: "repository_not_found",
  NAME_INVALID: "repository_not_found",
  MANIFEST_UNKNOWN: "unknown_image",
  TAG_INVALID: "unknown_image",
  TOOMANYREQUESTS: "registry_rate_limited",
  UNAVAILABLE: "registry_unavailable",
};

export function answerError(answer: Answer, options: AnswerErrorOptions): DomainError {
  const said = registryErrors(answer.body);
  const fault = faultOf(answer.status, said, options);
  const { retryAfterMs } = options;
  return new DomainError(
    fault,
    message(answer, said, options),
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}

function faultOf(
  status: number,
  { codes }: RegistryErrors,
  { anonymous, notFound }: AnswerErrorOptions,
): Fault {
  const denied =
    status === 401 || status === 403 || codes.includes("UNAUTHORIZED") || codes.includes("DENIED");
  if (status === 429) return "registry_rate_limited";
  if (denied) return anonymous ? "repository_not_found" : "registry_denied";
  const told = codes.map((code) => codeFaults[code]).find((fault) => fault !== undefined);
  if (told !== undefined) return told;
  if (status === 404) return notFound;
  return status >= 500 || status === 408 || status === 499 ? "registry_unavailable" : "registry_corrupt";
}

function message(
  answer: Answer,
  { text }: RegistryErrors,
  { anonymous, secrets }: AnswerErrorOptions,
): string {
  const { status, exchange } = answer;
  const silent = exchange.method === "HEAD" ? ", and an answer to HEAD gives no reason" : " and no reason";
  const said = secrets.redact(text);
  const hint = anonymous && (status === 401 || status === 403) ? "; asked without credentials" : "";
  return `${describeExchange(exchange)} was answered with ${status}${said === "" ? silent : `: ${said}`}${hint}`;
}
