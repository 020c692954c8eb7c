/**
 * How a lease becomes ours: it is not there, nobody's, or its holder does not renew it any more.
 *
 * Our own, since client-node has no leader election. As client-go does it: the times in a lease are not compared with our
 * clock, which may differ from its holder's. A lease has expired when for its whole duration nobody was seen to change it.
 */
import { type BackOff, backOffMs } from "../async/back-off.ts";
import { holdLease, type LeaseParts, LeaseTimer } from "./held-lease.ts";
import { type HeldLease, LeaseHeldError } from "./lease.ts";
import { type LeaseRecord, newLease, taken } from "./lease-record.ts";
import { Outage } from "./outage.ts";
import { isPassing } from "./persistence.ts";

/** What happened when it was looked at once. */
type Look =
  | { readonly kind: "ours"; readonly lease: HeldLease }
  | { readonly kind: "held"; readonly record: LeaseRecord };

const backOff: BackOff = { firstMs: 1_000, maxMs: 5_000 };
/** Attempts of who does not wait. */
const maxFailures = 5;

export interface AcquireOptions {
  /** Called with the holder, whenever it is another one. */
  readonly onWaiting?: ((holder: string) => void) | undefined;
  /** Whether to give up as soon as the holder shows that it lives. */
  readonly onlyIfFree?: boolean;
}

/** Waits until it is ours. Rejects with the signal's reason; where only a free one is wanted, as it fails. */
export async function acquireLease(
  parts: LeaseParts,
  { onWaiting, onlyIfFree = false }: AcquireOptions,
  signal: AbortSignal,
): Promise<HeldLease> {
  const { client, holding, log, clock } = parts;
  const outage = new Outage(`read lease ${client.name}`, log);
  let observed: Observed | undefined;
  let told: string | undefined;
  try {
    for (;;) {
      let wait: number;
      try {
        const look = await lookOnce(parts, observed, signal);
        outage.over();
        if (look.kind === "ours") return look.lease;
        const { record } = look;
        if (!observed?.isOf(record)) {
          if (observed && onlyIfFree) throw heldBy(client.name, record.holder);
          observed?.stop();
          observed = new Observed(record, holding.durationMs, parts);
        }
        if (told !== record.holder) {
          onWaiting?.(record.holder);
          if (onlyIfFree)
            log.info(`lease ${client.name} has a holder, ${record.holder}: looking whether that one lives`);
        }
        told = record.holder;
        wait = observed.pollMs;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof LeaseHeldError) throw error;
        outage.failed(error);
        if (onlyIfFree && (!isPassing(error) || outage.failures === maxFailures)) throw error;
        wait = backOffMs(backOff, outage.failures, clock.random());
      }
      await clock.sleep(wait, signal);
    }
  } finally {
    observed?.stop();
  }
}

function heldBy(name: string, holder: string): LeaseHeldError {
  return new LeaseHeldError(`lease ${name} is held by ${holder}`, holder);
}

async function lookOnce(
  parts: LeaseParts,
  observed: Observed | undefined,
  signal: AbortSignal,
): Promise<Look> {
  const { client, holding, clock } = parts;
  for (;;) {
    const record = await client.read(signal);
    const isFree =
      !record ||
      record.holder === "" ||
      record.holder === holding.identity || // an answer of ours was lost
      (observed?.isExpired === true && observed.isOf(record));
    if (!isFree) return { kind: "held", record };
    const timer = new LeaseTimer(holding, clock);
    try {
      const written = record
        ? await client.update(taken(record, holding, clock.now()), signal)
        : await client.create(newLease(client.name, client.namespace, holding, clock.now()), signal);
      if (written) return { kind: "ours", lease: holdLease(written, timer, parts) };
    } catch (error) {
      timer.stop();
      throw error;
    }
    timer.stop(); // somebody was faster
  }
}

/** Somebody's lease as it was seen last, and whether it has been like that for its whole duration. */
class Observed {
  readonly #record: LeaseRecord;
  readonly #stop = new AbortController();
  readonly pollMs: number;
  isExpired = false;

  constructor(record: LeaseRecord, defaultMs: number, { clock }: Pick<LeaseParts, "clock">) {
    this.#record = record;
    const durationMs = record.durationMs ?? defaultMs;
    // Often enough that little time is lost when it has expired.
    this.pollMs = Math.max(250, durationMs / 8);
    clock.sleep(durationMs, this.#stop.signal).then(
      () => {
        this.isExpired = true;
      },
      () => {}, // another one is looked at
    );
  }

  /** Whether nothing has changed. Its version would not do: others may put a label to it. */
  isOf({ uid, holder, json }: LeaseRecord): boolean {
    const spec = JSON.stringify(this.#record.json.spec);
    return uid === this.#record.uid && holder === this.#record.holder && spec === JSON.stringify(json.spec);
  }

  stop(): void {
    this.#stop.abort(new Error("another one is looked at"));
  }
}
