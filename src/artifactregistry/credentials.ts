/**
 * The credentials file of a source: a service account's key, or where to get a token for an identity that another
 * provider vouches for. Nothing of its content is ever told.
 */
import { createPrivateKey } from "node:crypto";
import type { AuthClient } from "google-auth-library";

export type Credentials = ServiceAccount | ExternalAccount;

interface ServiceAccount {
  readonly type: "service_account";
  readonly client_email: string;
  readonly private_key: string;
  readonly private_key_id?: string;
  readonly quota_project_id?: string;
  readonly universe_domain?: string;
}

/** As the library reads it; only what it would stumble over is checked. */
interface ExternalAccount {
  readonly type: "external_account";
  readonly audience: string;
  readonly subject_token_type: string;
  readonly token_url: string;
  readonly credential_source: Readonly<Record<string, unknown>>;
}

const scopes = ["https://www.googleapis.com/auth/cloud-platform.read-only"];

/** Throws a sentence about the file, for whoever names the file before it. */
export function parseCredentials(content: string): Credentials {
  const value = parseJson(content);
  switch (value.type) {
    case "service_account":
      texts(value, "client_email", "private_key");
      if (!isKey(value.private_key)) throw new Error("its private_key is no RSA key in PEM");
      return value as unknown as ServiceAccount;
    case "external_account":
      texts(value, "audience", "subject_token_type", "token_url");
      if (!isObject(value.credential_source)) throw new Error("its credential_source is no object");
      return value as unknown as ExternalAccount;
    default:
      // Others are those of people; application default credentials take them, for whoever tries something out.
      throw new Error("its type is neither service_account nor external_account");
  }
}

/** The library's client for the file, made by hand: its own reader of such files complains about itself on stderr. */
export async function clientOf(
  credentials: Credentials,
  fetchImplementation: typeof fetch | undefined,
): Promise<AuthClient> {
  const { AwsClient, IdentityPoolClient, JWT, PluggableAuthClient } = await import("google-auth-library");
  const transporterOptions = fetchImplementation && { fetchImplementation };
  const options = { scopes, ...(transporterOptions && { transporterOptions }) };
  if (credentials.type === "service_account") {
    return new JWT({
      ...options,
      email: credentials.client_email,
      key: credentials.private_key,
      ...(credentials.private_key_id && { keyId: credentials.private_key_id }),
      ...(credentials.quota_project_id && { quotaProjectId: credentials.quota_project_id }),
      ...(credentials.universe_domain && { universeDomain: credentials.universe_domain }),
    });
  }
  const source = credentials.credential_source;
  const written = { ...credentials, ...options } as never; // its types want every form of source at once
  if (source.environment_id !== undefined) return new AwsClient(written);
  if (source.executable !== undefined) return new PluggableAuthClient(written);
  return new IdentityPoolClient(written);
}

/** What the place where we run gives us: a workload identity, a metadata server, or what the environment names. */
export async function defaultClient(): Promise<AuthClient> {
  const { GoogleAuth, gcpMetadata } = await import("google-auth-library");
  // Who found no metadata server once would else find none until the process ends, and that of a pod may come later.
  gcpMetadata.resetIsAvailableCache();
  // Outside of Google Cloud, which the machine itself tells, its address is asked by nobody (registry case 139).
  const { GCE_METADATA_HOST, METADATA_SERVER_DETECTION } = process.env;
  if (!GCE_METADATA_HOST && !METADATA_SERVER_DETECTION) process.env.METADATA_SERVER_DETECTION = "bios-only";
  // Of what project we are does not matter, and it would run gcloud to find out.
  return new GoogleAuth({ scopes, projectId: "unused" }).getClient();
}

function parseJson(content: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(content);
    if (isObject(value)) return value;
  } catch {
    // What the parser says would repeat the content.
  }
  throw new Error("it is no JSON object");
}

function texts(value: Readonly<Record<string, unknown>>, ...names: string[]): void {
  for (const name of names) {
    if (typeof value[name] !== "string" || value[name] === "") throw new Error(`its ${name} is no text`);
  }
}

function isKey(text: unknown): boolean {
  try {
    return createPrivateKey(String(text)).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
