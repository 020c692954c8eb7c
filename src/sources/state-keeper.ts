/**
 * Keeps what a source knows in a file: puts what an earlier process left in force, and saves what changes. A file that
 * cannot be used, or a disk that cannot be written, is told of and changes nothing else.
 */
import { SaveSchedule } from "./save-schedule.ts";
import { readState, type StateOwner, type StoredState, writeState } from "./stored-state.ts";

/** Where the lines are kept; `files/` fits it by its shape. */
export interface StateStore {
  /** To name it in messages. */
  readonly path: string;
  /** Undefined where there is nothing. */
  read(): Promise<AsyncIterable<readonly string[]> | undefined>;
  write(lines: Iterable<string>): Promise<void>;
  /** Keeps what there is beside, where the next write does not replace it. */
  setAside(): Promise<void>;
}

export interface KeptSource extends StateOwner {
  readonly name: string;
  /** What is to be saved now; undefined where there is nothing worth it. */
  take(): StoredState | undefined;
  /** Puts in force what an earlier process knew. Fails before it has put anything. */
  put(state: StoredState): Promise<void>;
  /** The warnings are others. */
  warned(): void;
}

interface KeeperLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export class StateKeeper {
  readonly #store: StateStore;
  readonly #source: KeptSource;
  readonly #log: KeeperLog;
  readonly #schedule = new SaveSchedule(() => this.#save());
  #restored: Promise<void> | undefined;
  #failure: string | undefined;
  #failures = 0;

  constructor(store: StateStore, source: KeptSource, log: KeeperLog) {
    this.#store = store;
    this.#source = source;
    this.#log = log;
  }

  /** Restores what there is, once, whoever asks. Never fails; nothing is saved before. */
  restored(): Promise<void> {
    this.#restored ??= this.#restore();
    return this.#restored;
  }

  /** Something that is kept has changed. */
  changed(): void {
    this.#schedule.changed();
  }

  /** Saves what is not saved yet, and nothing ever after. */
  end(): Promise<void> {
    return this.#schedule.end();
  }

  /** Why nothing can be saved at the moment: a sentence, or none. */
  get warnings(): readonly string[] {
    return this.#failure === undefined ? [] : [this.#failure];
  }

  /** How many times saving has failed. */
  get failures(): number {
    return this.#failures;
  }

  async #restore(): Promise<void> {
    const { path } = this.#store;
    const started = performance.now();
    try {
      const lists = await this.#store.read();
      if (!lists) return;
      const state = await readState(lists, this.#source, Date.now());
      await this.#source.put(state);
      const about = {
        tags: state.listing?.known.tags.length ?? 0,
        nodes: state.nodeCache?.nodes.length ?? 0,
        ms: Math.round(performance.now() - started),
      };
      this.#log.info({ source: this.#source.name, ...about }, `goes on from the state in ${path}`);
    } catch (error) {
      const message = `the state in ${path} cannot be used, and is begun anew: ${messageOf(error)}`;
      this.#log.warn({ source: this.#source.name }, message);
      await this.#store.setAside().catch(() => {}); // a disk that fails is told of when it is written
    }
  }

  async #save(): Promise<boolean> {
    await this.restored();
    try {
      const state = this.#source.take();
      if (!state) return true;
      await this.#store.write(writeState(this.#source, state));
      this.#tell(undefined);
      return true;
    } catch (error) {
      this.#failures += 1;
      this.#tell(`the state is not saved: ${messageOf(error)}`);
      return false;
    }
  }

  /** Says when it begins to fail, or to fail otherwise, and when that ends. */
  #tell(failure: string | undefined): void {
    if (failure === this.#failure) return;
    this.#failure = failure;
    const about = { source: this.#source.name };
    if (failure === undefined) this.#log.info(about, "the state is saved again");
    else this.#log.error(about, failure);
    this.#source.warned();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
