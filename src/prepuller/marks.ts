/**
 * Tells the service what was pulled, until it has heard it: what cannot be told now is told later.
 */
import type { Client } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import type { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { backOffMs } from "../async/back-off.ts";
import type { Clock } from "../async/clock.ts";
import type { Logger } from "../observability/logger.ts";

export interface Mark {
  readonly source: string;
  /** As that source calls the image. */
  readonly reference: string;
  readonly digest: string;
  readonly node: string;
}

/** How many are told at once. */
const atOnce = 8;
/** How often it is looked whether all was told, at the end of a round. */
const lookMs = 100;
const backOff = { firstMs: 2_000, maxMs: 30_000 };

/** Codes that say that this mark is wrong, so that telling it again is of no use. */
const useless: readonly Code[] = [Code.InvalidArgument, Code.NotFound];

export class Marks {
  readonly #rpc: Pick<Client<typeof ImageSourceService>, "markPrepulled">;
  readonly #isTrue: (mark: Mark) => boolean;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #waiting = new Map<string, Mark>();
  #telling: Promise<void> | undefined;
  #isBackingOff = false;
  #failures = 0;

  /** `isTrue` is asked before each telling: whether the image is still believed to be there, and wanted. */
  constructor(
    rpc: Pick<Client<typeof ImageSourceService>, "markPrepulled">,
    isTrue: (mark: Mark) => boolean,
    log: Logger,
    clock: Clock,
    signal: AbortSignal,
  ) {
    this.#rpc = rpc;
    this.#isTrue = isTrue;
    this.#log = log;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** How many the service has not heard yet. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** Settles when they were told, or when it is clear that this takes longer. Does not fail. */
  async add(marks: readonly Mark[]): Promise<void> {
    for (const mark of marks) this.#waiting.set(`${mark.source} ${mark.reference} ${mark.node}`, mark);
    // What is begun must have something to do: what ends at once has ended before it is kept as under way.
    if (this.#waiting.size === 0 || this.#isBackingOff || this.#signal.aborted) return;
    this.#telling ??= this.#tell();
    await this.#telling;
  }

  /** Settles when the service has heard everything, or after so many milliseconds. */
  async heard(milliseconds: number): Promise<void> {
    const end = this.#clock.now() + milliseconds;
    while (this.pending > 0 && this.#clock.now() < end) await this.#clock.sleep(lookMs, this.#signal);
  }

  async #tell(): Promise<void> {
    try {
      while (this.#waiting.size > 0 && !this.#isBackingOff && !this.#signal.aborted) {
        const batch = this.#next();
        const results = await Promise.all(batch.map(([key, mark]) => this.#tellOne(key, mark)));
        const failed = results.find((result) => result !== undefined);
        if (failed) this.#tellLater(failed);
        else this.#failures = 0;
      }
    } finally {
      this.#telling = undefined;
    }
  }

  /** The oldest ones. There may be tens of thousands, which are not copied for each batch. */
  #next(): [string, Mark][] {
    const batch: [string, Mark][] = [];
    for (const entry of this.#waiting) {
      batch.push(entry);
      if (batch.length === atOnce) break;
    }
    return batch;
  }

  async #tellOne(key: string, mark: Mark): Promise<ConnectError | undefined> {
    const { source, reference, node } = mark;
    if (this.#isTrue(mark)) {
      try {
        await this.#rpc.markPrepulled({ source, reference, node }, { signal: this.#signal });
      } catch (error) {
        const cause = ConnectError.from(error);
        if (!useless.includes(cause.code)) return cause;
        this.#log.warn({ ...mark, err: cause }, "the service refuses the mark");
      }
    }
    if (this.#waiting.get(key) === mark) this.#waiting.delete(key);
    return undefined;
  }

  #tellLater(cause: ConnectError): void {
    if (this.#signal.aborted) return;
    this.#isBackingOff = true;
    this.#failures += 1;
    if (this.#failures === 1)
      this.#log.warn({ err: cause, pending: this.pending }, "cannot tell the service what was pulled; later");
    this.#clock.sleep(backOffMs(backOff, this.#failures, this.#clock.random()), this.#signal).then(
      () => {
        this.#isBackingOff = false;
        return this.add([]);
      },
      () => {}, // the end
    );
  }
}
