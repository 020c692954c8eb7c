/**
 * Calls of one registry: a request with all that it takes to have it answered. Login, redirects, retries and waiting
 * happen inside one call, within one deadline and one number of retries.
 */
import { backOffMs } from "../async/back-off.ts";
import type { Clock } from "../async/clock.ts";
import { withDeadline } from "../async/deadline.ts";
import type { Limiter } from "../async/limiter.ts";
import { DomainError, type Fault } from "../domain/errors.ts";
import { answerError } from "./answer-error.ts";
import { type Ask, Setback, type Time } from "./ask.ts";
import type { Authenticator } from "./authenticator.ts";
import { type Answer, describeExchange, type Exchange } from "./exchange.ts";
import { headerList } from "./headers.ts";
import { HostState } from "./host-state.ts";
import type { Limits } from "./limits.ts";
import type { RegistryLog } from "./log.ts";
import { rateLimit } from "./rate-limit.ts";
import { followRedirects } from "./redirects.ts";
import type { Secrets } from "./secrets.ts";

export interface RegistryClientOptions {
  readonly origin: string;
  readonly host: HostState;
  readonly ask: Ask;
  readonly authenticator: Authenticator;
  readonly limiter: Limiter;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly log: RegistryLog;
}

export interface RegistryRequest {
  readonly method: "GET" | "HEAD";
  /** Path and query string. */
  readonly path: string;
  readonly accept: string;
  readonly maxBytes: number;
  readonly deadlineMs: number;
  /** What a 404 means. */
  readonly notFound: Fault;
}

export interface RegistryClient {
  /** Answers with any status that is final. */
  send(request: RegistryRequest, signal: AbortSignal): Promise<Answer>;
  /** The failure that an answer of `send` is. */
  error(answer: Answer, notFound: Fault): DomainError;
}

/** Rounds of login in one call: an expired token is renewed, and a scope that it lacks is asked for. */
const maxLogins = 2;

interface Call extends Time {
  readonly request: RegistryRequest;
  logins: number;
  retries: number;
}

export function registryClient(options: RegistryClientOptions): RegistryClient {
  const { origin, host, ask, authenticator, limiter, limits, clock, secrets, log } = options;
  let exhausted = false;

  async function send(request: RegistryRequest, signal: AbortSignal): Promise<Answer> {
    // Before it waits for its turn: everybody who has one may be waiting for the host.
    host.check(clock.now() + request.deadlineMs, clock);
    const late = () => {
      const what = describeExchange({ ...request, origin });
      return new DomainError(
        "registry_unavailable",
        `${what} was not answered within ${request.deadlineMs / 1000} s`,
      );
    };
    const call = (own: AbortSignal) => {
      const deadlineAt = clock.now() + request.deadlineMs;
      return retried({ request, deadlineAt, signal: own, logins: 0, retries: 0 });
    };
    return limiter.run(() => withDeadline(request.deadlineMs, late, call, signal), signal);
  }

  async function retried(call: Call): Promise<Answer> {
    for (;;) {
      try {
        return await loggedIn(call);
      } catch (error) {
        if (!(error instanceof Setback)) throw error;
        if (call.retries === limits.retries) throw error.error;
        call.retries += 1;
        const wait = error.shared ? 0 : backOffMs(limits.backOff, call.retries, clock.random());
        if (clock.now() + wait >= call.deadlineAt) throw error.error;
        log.debug({ reason: error.message, retry: call.retries }, "the registry is asked again");
        if (wait > 0) await clock.sleep(wait, call.signal);
      }
    }
  }

  async function loggedIn(call: Call): Promise<Answer> {
    let authorization = await authenticator.header(call.signal);
    for (;;) {
      const { answer, foreign } = await redirected(call, authorization);
      // A challenge of another host is not answered.
      if (answer.status !== 401 || foreign || call.logins === maxLogins) return answer;
      const challenges = await challengesOf(answer, call);
      const next = await authenticator.answer(challenges, authorization, call.logins > 0, call.signal);
      call.logins += 1;
      if (next === undefined) return answer;
      authorization = next;
    }
  }

  async function redirected(call: Call, authorization: string | undefined) {
    const { method, path, accept, maxBytes, notFound } = call.request;
    const headers: Record<string, string> =
      authorization === undefined ? { accept } : { accept, authorization };
    let foreign = false;
    const exchange: Exchange = { method, origin, path, headers, maxBytes };
    const answer = await followRedirects(exchange, (next, elsewhere) => {
      foreign = elsewhere;
      // Where a redirect leads may be a new host every time: nothing is kept about it.
      return ask(next, elsewhere ? new HostState() : host, notFound, call);
    });
    tellLimit(answer);
    return { answer, foreign };
  }

  /** Once when nothing is left, and not for each of a thousand answers. */
  function tellLimit({ headers }: Answer): void {
    const left = rateLimit(headers);
    if (left === undefined) return;
    const none = left.remaining === 0;
    log[none && !exhausted ? "warn" : "debug"]({ ...left, origin }, "requests that are left");
    exhausted = none;
  }

  /** Some registries name no way to log in but in the answer to the API's root. */
  async function challengesOf(answer: Answer, call: Call): Promise<readonly string[]> {
    const challenges = headerList(answer.headers, "www-authenticate");
    if (challenges.length > 0 || call.logins > 0) return challenges;
    const ping: Exchange = { method: "GET", origin, path: "/v2/", headers: {}, maxBytes: limits.errorBytes };
    const { status, headers } = await ask(ping, host, "registry_corrupt", call);
    return status === 401 ? headerList(headers, "www-authenticate") : [];
  }

  return {
    send,
    error: (answer, notFound) =>
      answerError(answer, { anonymous: authenticator.anonymous, notFound, secrets }),
  };
}
