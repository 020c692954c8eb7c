/**
 * Asks again, at once, what a connection that just ended did not answer: a server that goes away refuses calls that were
 * on their way, and Connect does not repeat them. An outage is not waited for: that is up to who calls.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { MethodOptions_IdempotencyLevel as Level } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { reasonOf } from "./failures.ts";

export interface RetryLog {
  debug(fields: object, message: string): void;
}

const maxRetries = 3;
const firstMs = 5;

export function retry(log: RetryLog): Interceptor {
  return (next) => async (request) => {
    for (let failures = 1; ; failures += 1) {
      try {
        return await next(request);
      } catch (thrown) {
        const error = ConnectError.from(thrown);
        const isSafe = request.method.idempotency !== Level.IDEMPOTENCY_UNKNOWN;
        const isLast = failures > maxRetries || request.stream || request.signal.aborted;
        if (isLast || !(wasRefused(error) || (isSafe && wasLost(error)))) throw error;
        log.debug({ reason: error.message, retry: failures }, "the service is asked again");
        await sleep(firstMs * 2 ** (failures - 1) * (0.5 + Math.random()), undefined, {
          signal: request.signal,
        });
      }
    }
  };
}

/** The server has not begun with it: any method may be repeated. */
function wasRefused({ rawMessage }: ConnectError): boolean {
  return rawMessage.includes("REFUSED_STREAM");
}

/** Nobody knows how far it came. What the service itself answers (`NOT_READY`) stays as long as a moment later. */
function wasLost(error: ConnectError): boolean {
  return error.code === Code.Unavailable && reasonOf(error) === "";
}
