/**
 * How what goes wrong with a request becomes a `ClusterError`: the only place where one is made of an answer, or of the
 * lack of one. Messages have the method and the path, never the query, headers or certificates.
 */
import { connectionFailures } from "../async/connection-failures.ts";
import { ClusterError } from "./cluster.ts";
import { number, object, text } from "./json.ts";

export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

export interface RefusedAnswer {
  readonly status: number;
  /** Its `Retry-After`. */
  readonly retryAfter: string;
  readonly body: string;
}

const maxMessageLength = 1_000;
/** A server that asks for more is asked again all the same. */
const maxWaitMs = 60_000;

/** An answer that is no success. Its body is a `Status`, unless something else than the API server gave it. */
export function refusal(asked: Asked, { status, retryAfter, body }: RefusedAnswer): ClusterError {
  const { reason, message, details } = object(parsed(body));
  const said = text(message) || plain(body);
  const what = [String(status), text(reason), said].filter((part) => part !== "").join(": ");
  const seconds = /^\d{1,9}$/.test(retryAfter)
    ? Number(retryAfter)
    : number(object(details).retryAfterSeconds);
  return new ClusterError(shorten(`${asked.method} ${asked.path}: ${what}`), {
    status,
    reason: text(reason),
    ...(seconds !== undefined && seconds > 0 && { retryAfterMs: Math.min(seconds * 1_000, maxWaitMs) }),
  });
}

/** No answer, half of one, or one that makes no sense. */
export function noAnswer(asked: Asked, cause: unknown): ClusterError {
  if (cause instanceof ClusterError) return cause;
  const message = `${asked.method} ${asked.path}: ${reasonOf(cause)}`;
  return new ClusterError(shorten(message), { status: 0, cause });
}

function reasonOf(cause: unknown): string {
  const { code, message } = root(cause);
  return (
    connectionFailures[code] ?? ([message, code && `(${code})`].filter(Boolean).join(" ") || "no answer")
  );
}

/** The error below the wrappers that says what happened. */
function root(error: unknown): { code: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return root(error.errors[0]);
  if (!(error instanceof Error)) return { code: "", message: "" };
  const code = "code" in error ? String(error.code) : "";
  const inner = error.cause instanceof Error ? root(error.cause) : undefined;
  return inner && inner.code !== "" ? inner : { code, message: error.message.replaceAll(/\s+/g, " ") };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // a proxy's page of HTML
  }
}

function plain(body: string): string {
  return /^\s*[<{[]/.test(body) ? "" : body.replaceAll(/\s+/g, " ").trim().slice(0, 200);
}

function shorten(message: string): string {
  return message.length > maxMessageLength ? `${message.slice(0, maxMessageLength - 1)}…` : message;
}
