/**
 * Time that passes only when a test lets it pass.
 */
import type { Clock } from "../../src/async/clock.ts";

export interface ManualClock extends Clock {
  /** Lets so many milliseconds pass: who slept for no longer wakes up, in order. */
  pass(milliseconds: number): Promise<void>;
  /** Waits until somebody sleeps for so long, and gives for how long. */
  sleeper(from: number, to?: number): Promise<number>;
  /** The same, and lets that time pass. */
  passSleep(from: number, to?: number): Promise<void>;
  /** For how long those sleep who sleep now. */
  sleeps(): number[];
}

interface Sleeper {
  readonly until: number;
  readonly milliseconds: number;
  readonly wake: () => void;
}

export function manualClock(start = Date.parse("2077-10-28T12:00:00Z")): ManualClock {
  let now = start;
  const sleepers = new Set<Sleeper>();
  const watchers = new Set<() => void>();

  const clock: ManualClock = {
    now: () => now,
    random: () => 0.5,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const abort = () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        };
        const wake = () => {
          sleepers.delete(sleeper);
          signal.removeEventListener("abort", abort);
          resolve();
        };
        const sleeper: Sleeper = { until: now + milliseconds, milliseconds, wake };
        signal.addEventListener("abort", abort, { once: true });
        sleepers.add(sleeper);
        for (const look of [...watchers]) look();
      }),
    async pass(milliseconds) {
      await new Promise(setImmediate); // what is under way shall see the time as it is
      const end = now + milliseconds;
      for (;;) {
        const [next] = [...sleepers].filter(({ until }) => until <= end).sort((a, b) => a.until - b.until);
        if (!next) break;
        now = Math.max(now, next.until);
        next.wake();
        await new Promise(setImmediate); // it may sleep again at once
      }
      now = end;
    },
    sleeps: () => [...sleepers].map(({ milliseconds }) => milliseconds),
    sleeper: (from, to = Number.POSITIVE_INFINITY) =>
      new Promise((resolve) => {
        const look = () => {
          const found = clock.sleeps().find((milliseconds) => milliseconds >= from && milliseconds <= to);
          if (found === undefined) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
      }),
    passSleep: async (from, to) => clock.pass(await clock.sleeper(from, to)),
  };
  return clock;
}
