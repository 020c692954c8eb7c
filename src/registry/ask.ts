/**
 * One exchange with a host that may be busy: waits while the host is to be left alone, and tells a failure that may
 * pass from one that will not. Does not retry: the retries of a call are counted in one place.
 */
import type { Clock } from "../async/clock.ts";
import type { DomainError, Fault } from "../domain/errors.ts";
import { answerError } from "./answer-error.ts";
import type { Answer, Exchange } from "./exchange.ts";
import type { HostState } from "./host-state.ts";
import type { Limits } from "./limits.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { Secrets } from "./secrets.ts";
import type { Transport } from "./transport.ts";
import { TransportFailure } from "./transport-failure.ts";

/** A failure that may pass. */
export class Setback extends Error {
  override readonly name = "Setback";
  /** The failure as callers are told it, when it does not pass. */
  readonly error: DomainError;
  /** Whether the host keeps everybody waiting already. */
  readonly shared: boolean;

  constructor(error: DomainError, shared: boolean) {
    super(error.message, { cause: error });
    this.error = error;
    this.shared = shared;
  }
}

/** The time that an exchange has. */
export interface Time {
  readonly deadlineAt: number;
  readonly signal: AbortSignal;
}

export interface AskOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly secrets: Secrets;
}

export type Ask = (exchange: Exchange, host: HostState, notFound: Fault, time: Time) => Promise<Answer>;

// 499 is nginx's for a client that went away, 522 Cloudflare's for a server that does not answer.
const passing = new Set([408, 429, 499, 500, 502, 503, 504, 522]);

/** Answers with any status that is final; fails with a `Setback` otherwise. */
export function asker({ transport, clock, limits, secrets }: AskOptions): Ask {
  return async (exchange, host, notFound, { deadlineAt, signal }) => {
    await host.ready(deadlineAt, clock, signal);
    const askedAt = clock.now();
    const answer = await transport.send(exchange, signal).catch((error: unknown) => {
      if (!(error instanceof TransportFailure)) throw error;
      throw error.retryable ? new Setback(error.error, false) : error.error;
    });
    const { status, headers } = answer;
    if (!passing.has(status)) {
      host.answered(clock);
      return answer;
    }
    const wait = retryAfterMs(headers, clock.now());
    const refused = status === 429 || wait !== undefined;
    const describe = (ms?: number) =>
      answerError(answer, { anonymous: false, notFound, secrets, retryAfterMs: ms });
    if (refused) host.leaveAlone({ error: describe(), askedAt, ms: wait }, limits.backOff, clock);
    throw new Setback(describe(refused ? host.remaining(clock) : undefined), refused);
  };
}
