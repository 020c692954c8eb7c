/**
 * When the service is asked: at once, then at every interval, and sooner where it did not answer.
 */
import { backOffMs } from "../async/back-off.ts";
import type { Clock } from "../async/clock.ts";
import type { Logger } from "../observability/logger.ts";
import type { Prepuller } from "./prepuller.ts";
import type { AskFailure } from "./wanted.ts";

export interface RoundsOptions {
  readonly refreshInterval: number;
  readonly log: Logger;
  readonly clock: Clock;
  /** Called after every round, with what could not be asked. */
  readonly onRound: (failures: readonly AskFailure[]) => void;
}

const backOff = { firstMs: 2_000, maxMs: 30_000 };

/** Goes on until the signal is aborted, and rejects with its reason. */
export async function keepPrepulling(
  prepuller: Prepuller,
  { refreshInterval, log, clock, onRound }: RoundsOptions,
  signal: AbortSignal,
): Promise<never> {
  await prepuller.start();
  for (let failed = 0; ; ) {
    const failures = await prepuller.round();
    onRound(failures);
    failed = failures.length === 0 ? 0 : failed + 1;
    for (const { source, error } of failures) tell(log, source, error, failed);
    const wait =
      failed === 0 ? refreshInterval : Math.min(refreshInterval, waitAfter(failed, clock.random()));
    await clock.sleep(wait, signal);
  }
}

function waitAfter(failed: number, random: number): number {
  return 500 + backOffMs(backOff, failed, random);
}

/** An outage is told when it begins; what repeats itself only to who wants to hear it. */
function tell(log: Logger, source: string, err: unknown, failed: number): void {
  const what = source === "" ? "the service does not answer" : `source ${source} does not answer`;
  const message = `${what}: images and nodes stay as they were known`;
  if (failed === 1) log.warn({ err }, message);
  else log.debug({ err }, message);
}
