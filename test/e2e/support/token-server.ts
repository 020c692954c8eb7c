/**
 * A token server, as the Bearer challenge of a registry names it: whoever logs in with Basic auth gets a JWT for the
 * repositories asked for, whoever does not one for none.
 *
 * It signs with a certificate that it shows, and tells the registry whose certificates to believe.
 */
import { randomUUID, sign, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { authority } from "../../registry/certificates.ts";
import { type LocalServer, startLocalServer } from "./local-server.ts";
import { newDirectory } from "./paths.ts";

export interface TokenUser {
  readonly password: string;
  /** What its tokens are for: all that it asks for, or nothing. */
  readonly may: "pull" | "nothing";
  /** Seconds until its tokens end, whatever is said about them: 5 minutes. */
  readonly lifetime: number;
}

/** What the server was asked. */
export interface TokenRequest {
  /** Empty where nobody logged in. */
  readonly user: string;
  /** Undefined where the login was refused. */
  readonly token: string | undefined;
}

export interface TokenServer extends LocalServer {
  /** Settings of a registry that wants its tokens. */
  readonly settings: NodeJS.ProcessEnv;
  readonly requests: readonly TokenRequest[];
}

const issuer = "e2e-tokens";
const service = "e2e-registry";
const toldLifetime = 300;

export async function startTokenServer(users: Readonly<Record<string, TokenUser>>): Promise<TokenServer> {
  const ca = authority("a CA of tokens");
  const signer = ca.issue("token-server");
  const header = { typ: "JWT", alg: "ES256", x5c: [new X509Certificate(signer.cert).raw.toString("base64")] };
  const bundle = join(newDirectory("token-server"), "ca.pem");
  writeFileSync(bundle, ca.cert);
  const requests: TokenRequest[] = [];

  function jwt(user: string, scopes: readonly string[]): string {
    const now = Math.floor(Date.now() / 1000);
    const { may = "nothing", lifetime = toldLifetime } = users[user] ?? {};
    const content = {
      ...{ iss: issuer, sub: user, aud: service, jti: randomUUID() },
      ...{ iat: now, nbf: now - 600, exp: now + lifetime },
      access: may === "pull" ? scopes.map(access) : [],
    };
    const text = [header, content].map((part) => base64url(JSON.stringify(part))).join(".");
    const signature = sign("sha256", Buffer.from(text), { key: signer.key, dsaEncoding: "ieee-p1363" });
    return `${text}.${signature.toString("base64url")}`;
  }

  function handle({ method, url, headers }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url ?? "", "http://tokens");
    const answer = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    const [user = "", ...password] = login(headers.authorization).split(":");
    if (method !== "GET" || pathname !== "/token" || searchParams.get("service") !== service)
      return void answer(404, {});
    if (headers.authorization !== undefined && users[user]?.password !== password.join(":")) {
      requests.push({ user, token: undefined });
      return void answer(401, { errors: [{ code: "UNAUTHORIZED", message: "wrong user or password" }] });
    }
    const token = jwt(user, searchParams.getAll("scope"));
    requests.push({ user, token });
    answer(200, { token, access_token: token, expires_in: toldLifetime });
  }

  const server = await startLocalServer(handle);
  const settings = {
    REGISTRY_AUTH: "token",
    REGISTRY_AUTH_TOKEN_REALM: `http://${server.host}/token`,
    REGISTRY_AUTH_TOKEN_SERVICE: service,
    REGISTRY_AUTH_TOKEN_ISSUER: issuer,
    REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE: bundle,
  };
  return { ...server, settings, requests };
}

/** `repository:sciplat/lab:pull`, as a token allows it. */
function access(scope: string) {
  const [type, name, actions = ""] = scope.split(":");
  return { type, name, actions: actions.split(",").filter((action) => action === "pull") };
}

function login(authorization = ""): string {
  return Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString();
}

const base64url = (text: string) => Buffer.from(text).toString("base64url");
