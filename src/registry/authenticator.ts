/**
 * Who we are to one registry: answers its challenges, and keeps the tokens it gave for one repository.
 *
 * Everything it knows about the registry it has from challenges; until the first one it sends nothing. A token is
 * kept by credentials and scopes, so that new credentials never go by an old token.
 */
import { SingleFlight } from "../async/single-flight.ts";
import { isFault } from "../domain/errors.ts";
import type { Repository } from "../domain/reference.ts";
import type { Time } from "./ask.ts";
import { type Challenge, chooseChallenge, parseChallenges } from "./challenge.ts";
import type { Credentials } from "./docker-config.ts";
import { allowedRealm, type RealmPolicy } from "./realm.ts";
import { missingScopes, pullScope } from "./scopes.ts";
import { basic, requestToken, type Token, type TokenEndpointOptions } from "./token-endpoint.ts";

export interface AuthenticatorOptions extends TokenEndpointOptions {
  readonly repository: Repository;
  readonly realmPolicy: RealmPolicy;
  readonly credentials: CredentialsSource;
}

/** Credentials that may change under a running program. */
export interface CredentialsSource {
  readonly value: Credentials | undefined;
  /** Looks for newer ones now. */
  check(): Promise<void>;
}

/** A registry asks for one or two; one that asks for another each time gets no longer requests for that. */
const maxScopes = 8;

interface Bearer {
  readonly realm: URL;
  readonly service: string | undefined;
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #scopes: Set<string>;
  readonly #tokens = new Map<string, Token>();
  /** Refresh tokens that replace the configured one, by its id. */
  readonly #refreshTokens = new Map<string, string>();
  readonly #flights = new SingleFlight<Token>();
  #scheme: Bearer | "basic" | undefined;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#scopes = new Set([pullScope(options.repository.repository)]);
  }

  /** Whether the registry is asked without credentials. */
  get anonymous(): boolean {
    return this.#options.credentials.value === undefined;
  }

  /** The `Authorization` header to send, as far as the registry has asked for one. */
  async header(signal: AbortSignal): Promise<string | undefined> {
    const credentials = this.#options.credentials.value;
    if (credentials?.kind === "bearer") return this.#ready(credentials.token);
    if (this.#scheme === undefined) return undefined;
    return this.#scheme === "basic" ? this.#basic() : this.#bearer(this.#scheme, signal);
  }

  /**
   * The header to send after a 401 to a request that was sent with `sent`; undefined where there is nothing else to
   * try. `again` tells that the call has had a fresh one before.
   */
  async answer(
    headers: readonly string[],
    sent: string | undefined,
    again: boolean,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const challenge = chooseChallenge(parseChallenges(headers));
    if (challenge === undefined) return undefined;
    const { credentials, repository } = this.#options;
    const header = challenge.scheme === "basic" ? await this.#answerBasic(sent) : undefined;
    if (challenge.scheme === "basic" || credentials.value?.kind === "bearer") return header;
    const bearer = this.#accept(challenge);
    const missing = sent === undefined ? [] : missingScopes(challenge, repository.repository, this.#scopes);
    if (again && missing.length === 0) return undefined;
    for (const scope of missing) {
      if (this.#scopes.size < maxScopes) this.#scopes.add(scope);
    }
    if (missing.length > 0) this.#tokens.clear(); // they are kept by their scopes, and these are asked for no more
    // Unless somebody else has renewed it meanwhile.
    const key = this.#key(bearer);
    if (this.#ready(this.#tokens.get(key)?.value) === sent) this.#tokens.delete(key);
    return this.#bearer(bearer, signal);
  }

  /** Checked before anybody looks for credentials. */
  #accept({ parameters }: Challenge): Bearer {
    const realm = allowedRealm(parameters.get("realm") ?? "", this.#options.realmPolicy);
    const bearer = { realm, service: parameters.get("service") };
    this.#scheme = bearer;
    return bearer;
  }

  async #answerBasic(sent: string | undefined): Promise<string | undefined> {
    this.#scheme = "basic";
    if (this.#basic() === sent) await this.#options.credentials.check();
    const header = this.#basic();
    return header === sent ? undefined : header;
  }

  #basic(): string | undefined {
    const credentials = this.#options.credentials.value;
    if (credentials?.kind !== "password") return undefined;
    const value = basic(credentials.username, credentials.password);
    this.#options.secrets.add(credentials.password);
    this.#options.secrets.add(value);
    return `Basic ${value}`;
  }

  async #bearer(bearer: Bearer, signal: AbortSignal): Promise<string | undefined> {
    const key = this.#key(bearer);
    const kept = this.#tokens.get(key);
    const fresh = kept !== undefined && kept.expiresAt > this.#options.clock.now();
    const token = fresh ? kept : await this.#flights.run(key, (own) => this.#request(bearer, own), signal);
    return this.#ready(token.value);
  }

  async #request({ realm, service }: Bearer, signal: AbortSignal): Promise<Token> {
    const { credentials: source, clock, limits } = this.#options;
    await source.check();
    const credentials = this.#renewed(source.value);
    const time: Time = { deadlineAt: clock.now() + limits.tokenDeadlineMs, signal };
    const request = { realm, service, scopes: [...this.#scopes], credentials };
    const ask = (others: Credentials | undefined) =>
      requestToken({ ...request, credentials: others }, this.#options, time);
    const token = await ask(credentials).catch((error: unknown) => {
      // A refresh token that we were given may end; the configured one may be good still.
      const isOurs = credentials?.kind === "identity" && this.#refreshTokens.delete(credentials.id);
      if (!isOurs || !isFault(error, "registry_denied")) throw error;
      return ask(source.value);
    });
    if (credentials !== undefined && token.refreshToken !== undefined && credentials.kind === "identity") {
      this.#refreshTokens.set(credentials.id, token.refreshToken);
    }
    this.#tokens.set(this.#key({ realm, service }), token);
    return token;
  }

  #renewed(credentials: Credentials | undefined): Credentials | undefined {
    const token = credentials?.kind === "identity" ? this.#refreshTokens.get(credentials.id) : undefined;
    return credentials?.kind === "identity" && token !== undefined ? { ...credentials, token } : credentials;
  }

  #key({ realm, service }: Bearer): string {
    const { credentials, repository } = this.#options;
    const id = credentials.value?.id ?? "anonymous";
    return JSON.stringify([repository.registry, realm.href, service, id, [...this.#scopes].sort()]);
  }

  #ready(token: string | undefined): string | undefined {
    if (token === undefined) return undefined;
    this.#options.secrets.add(token);
    return `Bearer ${token}`;
  }
}
