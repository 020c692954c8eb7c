/**
 * Who we are to Google: access tokens by `google-auth-library`, for the credentials of a file or those of the place
 * where we run.
 *
 * The library is loaded when the first token is needed: it takes long, and sources of other types do without it.
 */
import type { AuthClient } from "google-auth-library";
import { withDeadline } from "../async/deadline.ts";
import { DomainError } from "../domain/errors.ts";
import { watchFiles } from "../files/watched-files.ts";
import { clientOf, defaultClient, parseCredentials } from "./credentials.ts";

export interface AccessTokens {
  /** Headers for a call: the token, and the project whose quota it counts against. */
  headers(signal: AbortSignal): Promise<Headers>;
  /** Forgets the token: the API did not take it. */
  renew(): void;
  close(): void;
}

export interface TokensLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What differs in tests. */
export interface TokensSettings {
  /** How a service account's token is asked for: always at Google's address, whatever the file says. */
  readonly fetch?: typeof fetch;
  readonly intervalMs?: number;
}

/** For an API that asks for none: on loopback. */
export const noTokens: AccessTokens = {
  headers: async () => new Headers(),
  renew: () => {},
  close: () => {},
};

/** Of one token; the library itself waits for a metadata server without an end. */
const deadlineMs = 15_000;

/**
 * `file` undefined: application default credentials. Fails, naming the file and nothing of its content, where it
 * cannot be used.
 */
export function accessTokens(
  file: string | undefined,
  log: TokensLog,
  settings: TokensSettings = {},
): AccessTokens {
  const { fetch, intervalMs } = settings;
  const who = file === undefined ? "application default credentials" : `credentials file ${file}`;
  let client: Promise<AuthClient> | undefined;
  const renew = () => {
    client = undefined;
  };
  const parse = ([content = ""]: readonly string[]) => parseCredentials(content);
  const options = {
    what: "credentials file",
    parse,
    log,
    onChange: renew,
    ...(intervalMs !== undefined && { intervalMs }),
  };
  const watched = file === undefined ? undefined : watchFiles([file], options);

  async function headers(): Promise<Headers> {
    // A key that is refused may have been replaced a moment ago.
    if (client === undefined) await watched?.check();
    client ??= watched === undefined ? defaultClient() : clientOf(watched.value, fetch);
    return (await client).getRequestHeaders();
  }

  return {
    async headers(signal) {
      const late = () => new DomainError("registry_unavailable", `${who}: no token within ${deadlineMs} ms`);
      try {
        return await withDeadline(deadlineMs, late, headers, signal);
      } catch (error) {
        signal.throwIfAborted();
        renew(); // the library remembers what it found, and waits for what does not answer
        throw error instanceof DomainError ? error : failure(who, error);
      }
    },
    renew,
    close: () => watched?.close(),
  };
}

/**
 * Refused by the token endpoint, or nobody there. The library's errors hold what was sent, and repeat what was
 * answered: nothing of them is told but codes.
 */
function failure(who: string, error: unknown): DomainError {
  const { response, status = response?.status, code } = Object(error);
  const reason = response?.data?.error;
  const details = [
    ...(Number.isInteger(status) ? [status] : []),
    ...(typeof reason === "string" && /^[a-z_]{1,40}$/.test(reason) ? [reason] : []),
    ...(typeof code === "string" && /^E[A-Z_]{2,30}$/.test(code) ? [code] : []),
  ];
  const because = details.length > 0 ? `: ${details.join(", ")}` : "";
  return [400, 401, 403].includes(status)
    ? new DomainError("registry_denied", `${who}: they are given no token${because}`)
    : new DomainError(
        "registry_unavailable",
        `${who}: no token could be had, there are none or who gives it does not answer${because}`,
      );
}
