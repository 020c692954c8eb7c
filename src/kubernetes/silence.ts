/**
 * Work that is ended when nothing was heard for too long: a connection can be dead without a word.
 */
import type { Clock } from "../async/clock.ts";

export interface SilenceOptions {
  readonly limitMs: number;
  /** Milliseconds since the epoch. */
  readonly lastHeard: () => number;
  readonly clock: Clock;
}

/** Settles as the work does, or with "silent" when its signal was aborted for the silence. */
export async function unlessSilent<T>(
  { limitMs, lastHeard, clock }: SilenceOptions,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T | "silent"> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  const silence = new Error("nothing was heard for too long");
  signal.addEventListener("abort", abort, { once: true });
  async function listen(): Promise<void> {
    for (;;) {
      // A clock that was set back must not make it longer.
      const left = Math.min(limitMs, lastHeard() + limitMs - clock.now());
      if (left <= 0) break;
      await clock.sleep(left, controller.signal);
    }
    controller.abort(silence);
  }
  listen().catch(() => {}); // it has ended before
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.reason === silence) return "silent";
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    controller.abort(new Error("it has ended"));
  }
}
