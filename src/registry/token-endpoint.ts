/**
 * One request of an access token, as the distribution project's token and OAuth documents describe it.
 */
import type { Clock } from "../async/clock.ts";
import { DomainError } from "../domain/errors.ts";
import { answerError } from "./answer-error.ts";
import type { Ask, Time } from "./ask.ts";
import type { Credentials } from "./docker-config.ts";
import { type Answer, describeExchange, type Exchange } from "./exchange.ts";
import type { HostState } from "./host-state.ts";
import { parseJson, property } from "./json.ts";
import type { Limits } from "./limits.ts";
import type { Secrets } from "./secrets.ts";

export interface TokenRequest {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
}

export interface Token {
  readonly value: string;
  /** When it is not to be used any more, milliseconds since the epoch. */
  readonly expiresAt: number;
  /** To be used instead of the refresh token that was sent. */
  readonly refreshToken: string | undefined;
}

export interface TokenEndpointOptions {
  readonly ask: Ask;
  readonly host: (origin: string) => HostState;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly secrets: Secrets;
}

// What a token lives when its answer does not say; shorter lives are answered by mistake (token.md, "expires_in").
const minLifeMs = 60_000;
// A request with it may be on its way for a while.
const marginMs = 10_000;

/** Fails with `registry_denied`, or `repository_not_found` without credentials, where there is none for us. */
export async function requestToken(
  request: TokenRequest,
  options: TokenEndpointOptions,
  time: Time,
): Promise<Token> {
  const { ask, host, clock, limits, secrets } = options;
  const { realm, credentials } = request;
  const state = host(realm.origin);
  const send = (exchange: Exchange) => ask(exchange, state, "registry_corrupt", time);
  let answer: Answer | undefined;
  if (credentials?.kind === "identity") {
    secrets.add(credentials.token);
    answer = await send(refresh(request, credentials.token, limits));
  }
  // Servers that know no OAuth, or have no POST.
  if (answer === undefined || answer.status === 404 || answer.status === 405) {
    if (credentials?.kind === "password") {
      secrets.add(credentials.password);
      secrets.add(basic(credentials.username, credentials.password));
    }
    answer = await send(login(request, limits));
  }
  // A redirect is not followed: it would take the credentials anywhere.
  if (answer.status !== 200) {
    throw answerError(answer, {
      anonymous: credentials === undefined,
      notFound: "registry_corrupt",
      secrets,
    });
  }
  return readToken(answer, clock.now(), secrets);
}

/** The value of a Basic `Authorization` header, without its scheme. */
export function basic(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`, "utf8").toString("base64");
}

function login({ realm, service, scopes, credentials }: TokenRequest, limits: Limits): Exchange {
  const query = new URLSearchParams();
  if (service !== undefined) query.append("service", service);
  for (const scope of scopes) query.append("scope", scope);
  const path = `${realm.pathname}${realm.search === "" ? "?" : `${realm.search}&`}${query}`;
  const headers: Record<string, string> =
    credentials?.kind === "password"
      ? { authorization: `Basic ${basic(credentials.username, credentials.password)}` }
      : {};
  return { method: "GET", origin: realm.origin, path, headers, maxBytes: limits.tokenBytes };
}

function refresh({ realm, service, scopes }: TokenRequest, token: string, limits: Limits): Exchange {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: token,
    client_id: "image-source",
  });
  if (service !== undefined) form.append("service", service);
  form.append("scope", scopes.join(" "));
  return {
    method: "POST",
    origin: realm.origin,
    path: `${realm.pathname}${realm.search}`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
    maxBytes: limits.tokenBytes,
  };
}

function readToken({ exchange, body }: Answer, now: number, secrets: Secrets): Token {
  const answer = parseJson(body);
  const value = text(property(answer, "token")) ?? text(property(answer, "access_token"));
  if (value === undefined) {
    throw new DomainError("registry_corrupt", `the answer to ${describeExchange(exchange)} holds no token`);
  }
  const refreshToken = text(property(answer, "refresh_token"));
  secrets.add(value);
  if (refreshToken !== undefined) secrets.add(refreshToken);
  return { value, expiresAt: expiry(answer, now), refreshToken };
}

/** A text that can stand in a header. */
function text(value: unknown): string | undefined {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value) ? value : undefined;
}

function expiry(answer: unknown, now: number): number {
  const seconds = property(answer, "expires_in");
  const life = Math.max(minLifeMs, typeof seconds === "number" ? seconds * 1000 : 0);
  const issued = Date.parse(text(property(answer, "issued_at")) ?? "");
  // Clocks differ: what would be over already, or begins in the future, counts from now.
  const from = issued <= now && issued + life - marginMs > now ? issued : now;
  return from + life - marginMs;
}
