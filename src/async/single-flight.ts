/**
 * Work that is done once for all who ask for it at the same time. Nothing is kept after it has ended.
 */
import { abortable } from "./abortable.ts";

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  callers: number;
}

export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /** Number of keys whose work is under way. */
  get size(): number {
    return this.#flights.size;
  }

  /** Whether work of this key is under way. */
  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /**
   * Joins the work of this key that is under way, or starts it. A caller whose signal is aborted leaves at once; the
   * work's own signal is aborted only when the last caller has left.
   */
  async run(key: string, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#start(key, work);
    flight.callers += 1;
    try {
      return await abortable(flight.result, signal);
    } finally {
      flight.callers -= 1;
      if (flight.callers === 0) {
        this.#end(key, flight);
        flight.controller.abort(signal.reason);
      }
    }
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const flight: Flight<T> = { result: work(controller.signal), controller, callers: 0 };
    this.#flights.set(key, flight);
    // Those who ask after the end start anew, even while callers of the ended work are still being told.
    const end = () => this.#end(key, flight);
    flight.result.then(end, end);
    return flight;
  }

  #end(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
