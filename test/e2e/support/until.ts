/**
 * Waiting for something to become so, with a deadline. There is no other waiting in these tests.
 */
import { setTimeout as pause } from "node:timers/promises";

/**
 * Tries again until the attempt gives something, and gives that. Neither undefined nor false is something, and an
 * attempt that throws gives nothing. Past the deadline it fails, saying what it waited for and why the last attempt failed.
 */
export async function until<T>(
  what: string,
  attempt: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 20,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    let reason: unknown = "nothing yet";
    try {
      const result = await attempt();
      if (result !== undefined && result !== false) return result;
    } catch (error) {
      reason = error;
    }
    if (reason instanceof GiveUp) throw reason;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what} (${reason})`, { cause: reason });
    await pause(25);
  }
}

/** Thrown by an attempt that knows that waiting longer is of no use. */
export class GiveUp extends Error {
  override readonly name = "GiveUp";
}
