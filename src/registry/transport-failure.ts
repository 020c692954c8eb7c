/**
 * An exchange that got no answer: what happened, in the words of an operator, and whether trying again makes sense.
 */
import { errors } from "undici";
import { connectionFailures } from "../async/connection-failures.ts";
import { DomainError, type Fault } from "../domain/errors.ts";
import { BlockedAddress } from "./connector.ts";
import { describeExchange, type Exchange } from "./exchange.ts";

const reasons: Readonly<Record<string, string>> = {
  ...connectionFailures,
  HPE: "what it answers is no HTTP",
};

/** Codes of certificates that are not accepted. */
const certificate = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|ERR_TLS_CERT)/;
/** What speaks, but no HTTP, or no TLS, or more than it should before the body begins. */
const nonsense =
  /^(?:HPE$|ERR_SSL_|EPROTO|UND_ERR_(?:RES_CONTENT_LENGTH_MISMATCH|HEADERS_OVERFLOW|INVALID_ARG))/;
/** What does not get better by asking again, besides those. The last two: the reader has been closed. */
const lasting = /^(?:ENOTFOUND|UND_ERR_DESTROYED|UND_ERR_CLOSED)$/;

export class TransportFailure extends Error {
  override readonly name = "TransportFailure";
  readonly retryable: boolean;
  /** The failure as callers are told it. */
  readonly error: DomainError;

  constructor(exchange: Exchange, cause: unknown) {
    const { code, error } = root(cause);
    const text = `${describeExchange(exchange)} was not answered: ${reason(code, error)}`;
    // The parser's error holds what was read, which is nobody's business.
    const told = error instanceof errors.HTTPParserError ? {} : { cause };
    super(text, told);
    const final =
      error instanceof BlockedAddress || [lasting, certificate, nonsense].some((kind) => kind.test(code));
    // What cannot be read as HTTP may be a body after a HEAD, which belongs to the request before.
    this.retryable = !final || code === "HPE";
    this.error = new DomainError(faultOf(code, error), text, told);
  }
}

function faultOf(code: string, error: unknown): Fault {
  if (error instanceof BlockedAddress) return "registry_denied";
  return nonsense.test(code) ? "registry_corrupt" : "registry_unavailable";
}

function reason(code: string, error: unknown): string {
  if (error instanceof BlockedAddress) return `${error.message}, and not named in authHosts of the source`;
  if (certificate.test(code)) return `its certificate is not accepted (${code})`;
  const known = reasons[code];
  if (known !== undefined) return known;
  const text = error instanceof Error ? error.message.replaceAll(/\s+/g, " ").slice(0, 200) : "no answer";
  return code === "" ? text : `${text} (${code})`;
}

/** The error below the wrappers that says what happened. */
function root(error: unknown): { code: string; error: unknown } {
  // Several addresses were tried: the first one's error is as good as any.
  if (error instanceof AggregateError && error.errors.length > 0) return root(error.errors[0]);
  // Its own code is missing where the answer has no first line.
  if (error instanceof errors.HTTPParserError) return { code: "HPE", error };
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (error instanceof Error && error.cause instanceof Error && (code === "" || code === "UND_ERR_SOCKET")) {
    const inner = root(error.cause);
    if (inner.code !== "" || inner.error instanceof BlockedAddress) return inner;
  }
  return { code, error };
}
