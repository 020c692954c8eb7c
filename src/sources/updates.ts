/**
 * The runs of one source: each reads the registry, and what it finds is in force from its end; one that fails leaves
 * what was known. When they are made is up to `refresh.ts`.
 */
import { DomainError } from "../domain/errors.ts";
import { Refresh, type RefreshOptions } from "./refresh.ts";
import type { RegistryView } from "./registry-view.ts";
import type { SourceState } from "./source-state.ts";

/** Where a source says what its runs did. */
export interface SourceLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface UpdatesOptions extends RefreshOptions {
  /** Of the source. */
  readonly name: string;
}

export interface UpdatesParts {
  readonly registry: RegistryView;
  readonly state: SourceState;
  readonly log: SourceLog;
  /** What a run has to wait for. */
  readonly before: () => Promise<void> | undefined;
  /** Told that the registry was read, before what was found is in force. */
  readonly read: () => void;
}

export class Updates {
  readonly #name: string;
  readonly #parts: UpdatesParts;
  readonly #refresh: Refresh;
  #lastMs: number | undefined;

  constructor(options: UpdatesOptions, parts: UpdatesParts) {
    this.#name = options.name;
    this.#parts = parts;
    this.#refresh = new Refresh((signal) => this.#run(signal), options);
  }

  /** Ends with the next run, well or badly. */
  request(): Promise<void> {
    return this.#refresh.request();
  }

  stop(): void {
    this.#refresh.stop();
  }

  /** Aborted when no run is made any more. */
  get stopped(): AbortSignal {
    return this.#refresh.stopped;
  }

  /** How long the last run took that ended, good or bad, in milliseconds. */
  get lastMs(): number | undefined {
    return this.#lastMs;
  }

  /** Tells whether it succeeded. */
  async #run(signal: AbortSignal): Promise<boolean> {
    const { registry, state, log, before, read } = this.#parts;
    const waiting = before();
    if (waiting) await waiting; // else the run begins with what is so at this moment
    const started = performance.now();
    const about = () => ({ source: this.#name, ms: Math.round(performance.now() - started) });
    try {
      const { tags, time, warnings, attachments } = await registry.read(state.data.options, signal);
      read();
      await state.listed({ tags, time }, warnings);
      for (const warning of state.warnings) log.warn(about(), warning);
      log.info({ ...about(), tags: tags.length, attachments }, "listed the registry");
      return true;
    } catch (error) {
      if (this.stopped.aborted) return false; // nobody waits for it any more
      const isKnown = error instanceof DomainError;
      const failure = isKnown
        ? error
        : new DomainError("registry_unavailable", "the update failed by a fault of the service");
      state.failed(failure);
      log.error(
        { ...about(), ...(!isKnown && { err: error }) },
        `cannot list the registry: ${failure.message}`,
      );
      return false;
    } finally {
      this.#lastMs = performance.now() - started;
    }
  }
}
