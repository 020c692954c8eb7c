/**
 * Credentials files, and who gives tokens for them: an HTTP server on a real socket, with the answers of Google's.
 */
import { generateKeyPairSync } from "node:crypto";
import { onTestFinished, vi } from "vitest";
import { type AccessTokens, accessTokens } from "../../src/artifactregistry/access-tokens.ts";
import { type RecordedLog, recordedLog, temporaryDirectory, temporaryFile } from "../registry/reader.ts";
import { type FakeRegistry, fakeRegistry, type Reply } from "../support/registry.ts";

export const keyPair = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

export const serviceAccount = {
  type: "service_account",
  project_id: "p",
  private_key_id: "key-1",
  private_key: keyPair.privateKey,
  client_email: "lab@p.iam.gserviceaccount.com",
  token_uri: "https://tokens.example/token",
};

export const metadataToken = "/computeMetadata/v1/instance/service-accounts/default/token";

/** Gives `token-1`, `token-2`, and so on, as token endpoint and as metadata server. */
export async function tokenServer(): Promise<FakeRegistry> {
  const server = await fakeRegistry();
  onTestFinished(() => server.close());
  let given = 0;
  const reply = (): Reply => {
    given += 1;
    const body = { access_token: `token-${given}`, expires_in: 3600, token_type: "Bearer" };
    return { status: 200, headers: { "metadata-flavor": "Google" }, body };
  };
  server.rule({ path: "/token", method: "POST", reply });
  server.rule({ path: metadataToken, reply });
  return server;
}

/** Google's token endpoint, which has a fixed address, is at the server's. */
export function fetchFrom({ origin }: FakeRegistry): typeof fetch {
  return (input, init) => fetch(String(input).replace("https://oauth2.googleapis.com", origin), init);
}

/** An identity of another provider, with its token in a file of its own. */
export function externalAccount({ origin }: FakeRegistry, parts: object = {}) {
  return {
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/k8s",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `${origin}/token`,
    credential_source: { file: temporaryFile("s3cret-subject", "subject-token") },
    ...parts,
  };
}

export interface OpenTokens {
  readonly path: string;
  readonly log: RecordedLog;
  readonly tokens: AccessTokens;
}

/** Tokens for a file with this content, that end with the test. */
export function tokensFor(content: string | object, server?: FakeRegistry, intervalMs?: number): OpenTokens {
  const path = temporaryFile(content, "credentials.json");
  const log = recordedLog();
  const tokens = accessTokens(path, log, {
    ...(server && { fetch: fetchFrom(server) }),
    ...(intervalMs !== undefined && { intervalMs }),
  });
  onTestFinished(() => tokens.close());
  return { path, log, tokens };
}

/** An environment without credentials, but for a metadata server at this address. */
export function stubMetadataServer(host: string, detection = "assume-present"): void {
  vi.stubEnv("GCE_METADATA_HOST", host);
  vi.stubEnv("METADATA_SERVER_DETECTION", detection);
  vi.stubEnv("HOME", temporaryDirectory());
  // The library would ask its proxy for what is on this machine.
  const proxies = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"];
  const others = ["GOOGLE_APPLICATION_CREDENTIALS", "google_application_credentials", "CLOUDSDK_CONFIG"];
  for (const name of [...proxies, ...others, "GCE_METADATA_IP", "GOOGLE_CLOUD_QUOTA_PROJECT"]) {
    vi.stubEnv(name, undefined);
  }
  onTestFinished(() => void vi.unstubAllEnvs());
}
