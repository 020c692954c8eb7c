/**
 * Asking again. Only for calls that change nothing, such as the menu and lookups: such a call may have been answered
 * where only the answer was lost.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "image-source/client";

/** Of one attempt. The service ends a lookup after 10 s. */
const attemptMs = 12_000;
const firstPauseMs = 100;
const longestPauseMs = 2_000;

export interface Patience {
  /** How long to ask, with all attempts. */
  readonly seconds: number;
  /** After an attempt that was not answered: the connection may lead nowhere. */
  onSilence(): void;
}

/** Gives the first answer. Fails with the last error when the time is over, or at once where waiting is of no use. */
export async function persist<T>(
  call: (options: CallOptions) => Promise<T>,
  { seconds, onSilence }: Patience,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await call({ timeoutMs: Math.max(1, Math.min(attemptMs, end - Date.now())) });
    } catch (error) {
      const failure = ConnectError.from(error);
      if (failure.code === Code.DeadlineExceeded) onSilence();
      const waitMs = askedToWaitMs(failure) ?? pauseMs * (0.5 + Math.random()); // so that not all come at once
      if (!passes(failure) || Date.now() + waitMs > end) throw failure;
      console.error(`waiting: ${failure.message}`);
      await sleep(waitMs);
    }
  }
}

/** The reason that the service gives, a stable name. Empty where the error does not come from it. */
export function reasonOf(error: unknown): string {
  const infos = ConnectError.from(error).findDetails(ErrorInfoSchema);
  return infos.find(({ domain }) => domain === "imagesource.v1")?.reason ?? "";
}

/** How a connection ends that is refused, reset or broken off, or an attempt that was not answered in its time. */
const lost: readonly Code[] = [
  Code.Unavailable,
  Code.DeadlineExceeded,
  Code.Internal, // a refused stream
  Code.Unknown,
  Code.Aborted,
  Code.Canceled, // not by us
];

/** Whether the same question can have an answer later. */
function passes(failure: ConnectError): boolean {
  const reason = reasonOf(failure);
  return reason
    ? reason === "NOT_READY" || askedToWaitMs(failure) !== undefined
    : lost.includes(failure.code);
}

/** What the service says itself, where it or the registry is asked too much. */
function askedToWaitMs(failure: ConnectError): number | undefined {
  const [info] = failure.findDetails(RetryInfoSchema);
  return info?.retryDelay && durationMs(info.retryDelay);
}
