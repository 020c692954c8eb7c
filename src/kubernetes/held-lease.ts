/**
 * A lease while it is ours: renewed in time, lost, or given up. How it becomes ours is `lease-election.ts`.
 *
 * It is given up for lost after two thirds of its time without a renewal, by our own clock: another one takes it after the
 * whole of it, by its own.
 */
import type { Clock } from "../async/clock.ts";
import type { Logger } from "../observability/logger.ts";
import { type HeldLease, LeaseHeldError } from "./lease.ts";
import type { LeaseClient } from "./lease-client.ts";
import { type Holding, type LeaseRecord, released, renewed } from "./lease-record.ts";

export interface LeaseParts {
  readonly client: LeaseClient;
  readonly holding: Holding;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Giving up must not hold up the end of the process for long. */
const releaseMs = 5_000;

/** `timer`: begun before the request by which it became ours. */
export function holdLease(record: LeaseRecord, timer: LeaseTimer, parts: LeaseParts): HeldLease {
  const { client, holding, log, clock } = parts;
  const lost = new AbortController();
  const ending = new AbortController();
  let last = record;
  let current = timer;

  function lose(message: string, holder: string): void {
    ending.abort(new Error("the lease is lost"));
    current.stop();
    lost.abort(new LeaseHeldError(message, holder));
  }

  function watchTime(): void {
    const timed = current;
    timed.onEnd(() => {
      if (timed === current && !ending.signal.aborted)
        lose(`lease ${client.name} could not be renewed in time`, "");
    });
  }

  /** Whether it was renewed. Somebody may have changed the lease without taking it. */
  async function renew(): Promise<boolean> {
    const next = new LeaseTimer(holding, clock);
    const { signal } = ending;
    try {
      const written = await client.update(renewed(last, holding, clock.now()), signal);
      if (!written) {
        next.stop();
        await lookAgain();
        return false;
      }
      last = written;
      current.stop();
      current = next;
      watchTime();
      return true;
    } catch (error) {
      next.stop();
      throw error;
    }
  }

  async function lookAgain(): Promise<void> {
    const found = await client.read(ending.signal);
    if (!found || found.uid !== record.uid) lose(`lease ${client.name} was deleted`, found?.holder ?? "");
    else if (found.holder !== holding.identity)
      lose(`lease ${client.name} was taken by ${found.holder || "nobody"}`, found.holder);
    else last = found;
  }

  async function keep(): Promise<void> {
    const { signal } = ending;
    let isWell = true;
    let complaint = "";
    for (;;) {
      await clock.sleep(holding.durationMs / (isWell ? 3 : 12), signal);
      try {
        // What somebody put to it in between was read meanwhile.
        isWell = (await renew()) || (!signal.aborted && (await renew()));
        if (isWell && complaint !== "") log.info(`lease ${client.name} is renewed again`);
        if (isWell) complaint = "";
      } catch (error) {
        signal.throwIfAborted();
        isWell = false;
        if (complaint === "") log.warn(`cannot renew lease ${client.name}: ${messageOf(error)}`);
        complaint = messageOf(error);
      }
    }
  }

  watchTime();
  const keeping = keep().catch(() => {}); // it has ended: lost or released

  async function giveUp(): Promise<void> {
    const signal = AbortSignal.timeout(releaseMs);
    try {
      if (await client.update(released(last, clock.now()), signal)) return;
      const found = await client.read(signal);
      if (found?.uid === record.uid && found.holder === holding.identity)
        await client.update(released(found, clock.now()), signal);
    } catch (error) {
      log.warn(`cannot give up lease ${client.name}: ${messageOf(error)}`);
    }
  }

  return {
    name: client.name,
    uid: record.uid,
    lost: lost.signal,
    async release() {
      const isOurs = !ending.signal.aborted;
      ending.abort(new Error("the lease is released"));
      current.stop();
      await keeping;
      if (isOurs) await giveUp();
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The time for which a lease is surely ours, from now on: two thirds of what others grant. */
export class LeaseTimer {
  readonly #stop = new AbortController();
  readonly #end: Promise<void>;

  constructor({ durationMs }: Holding, clock: Clock) {
    this.#end = clock.sleep((durationMs * 2) / 3, this.#stop.signal);
    this.#end.catch(() => {}); // stopped
  }

  onEnd(then: () => void): void {
    this.#end.then(then, () => {}); // stopped
  }

  stop(): void {
    this.#stop.abort(new Error("another one has begun"));
  }
}
