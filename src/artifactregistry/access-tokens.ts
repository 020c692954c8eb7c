/**
 * Who we are to Google: access tokens by `google-auth-library`, from a service account's key, from a workload identity
 * or the metadata server, or by an `external_account` configuration.
 *
 * The library is loaded when the first token is needed: it takes long, and sources of other types do without it.
 */
import type { AuthClient } from "google-auth-library";
import { DomainError } from "../domain/errors.ts";
import { watchFiles } from "../files/watched-files.ts";

export interface AccessTokens {
  /** Headers for a call: the token, and the project whose quota it counts against. */
  headers(): Promise<Headers>;
  /** Forgets the token: the API did not take it. */
  renew(): void;
  close(): void;
}

export interface TokensLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const scopes = ["https://www.googleapis.com/auth/cloud-platform.read-only"];
/** What a credentials file may be; others are those of people, and no service's. */
const types = ["service_account", "external_account", "impersonated_service_account", "authorized_user"];

/** For an API that asks for none: on loopback. */
export const noTokens: AccessTokens = {
  headers: async () => new Headers(),
  renew: () => {},
  close: () => {},
};

/**
 * `file` undefined: application default credentials. Fails, naming the file and nothing of its content, where it
 * cannot be used.
 */
export function accessTokens(file: string | undefined, log: TokensLog): AccessTokens {
  let client: Promise<AuthClient> | undefined;
  const renew = () => {
    client = undefined;
  };
  const watched =
    file === undefined
      ? undefined
      : watchFiles([file], { what: "credentials file", parse: parseCredentials, log, onChange: renew });
  return {
    async headers() {
      client ??= open(watched?.value);
      try {
        return await (await client).getRequestHeaders();
      } catch (error) {
        renew(); // a metadata server may not be ready when a pod starts
        throw translate(error);
      }
    },
    renew,
    close: () => watched?.close(),
  };
}

type Credentials = Readonly<Record<string, unknown>>;

async function open(credentials: Credentials | undefined): Promise<AuthClient> {
  const { GoogleAuth } = await import("google-auth-library");
  const auth = new GoogleAuth({ scopes, ...(credentials && { credentials }) });
  return auth.getClient();
}

function parseCredentials([content = ""]: readonly string[]): Credentials {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new Error("it is no JSON"); // what the parser says would repeat the content
  }
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
  if (typeof type !== "string" || !types.includes(type))
    throw new Error(`its type is none of ${types.join(", ")}`);
  return value as Credentials;
}

/** Refused by the token endpoint, or nobody there; nothing of what was sent is told. */
function translate(error: unknown): DomainError {
  const status = statusOf(error);
  if (status === 400 || status === 401 || status === 403) {
    return new DomainError("registry_denied", `Google gives no token for these credentials: ${status}`, {
      cause: error,
    });
  }
  const message =
    "no token of Google's could be had: the credentials are missing, or their endpoint does not answer";
  return new DomainError("registry_unavailable", message, { cause: error });
}

function statusOf(error: unknown): number | undefined {
  const { response, status } = Object(error);
  return Number(response?.status ?? status) || undefined;
}
