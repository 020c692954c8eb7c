/**
 * The sources of the service, by their names.
 */
import { DomainError } from "../domain/errors.ts";
import type { SourceInfo } from "../domain/source-info.ts";
import type { ImageSource } from "./image-source.ts";

export interface SourceStatus {
  readonly info: SourceInfo;
  /** How long the last run took, in milliseconds; undefined: none has ended. */
  readonly refreshMs: number | undefined;
  /** Images that are wanted on every node. */
  readonly wanted: number;
  /** Of the wanted ones, those that are on every eligible node. */
  readonly prepulled: number;
  /** How many times what is known could not be saved. */
  readonly saveFailures: number;
}

export class Catalog {
  readonly #sources: ReadonlyMap<string, ImageSource>;
  readonly #started = new Set<ImageSource>();

  /** At least one; the first is the one that an empty name means. */
  constructor(sources: readonly ImageSource[]) {
    this.#sources = new Map(sources.map((source) => [source.info.name, source]));
  }

  /** One source by its name, the first for the empty name. Fails with `unknown_source`. */
  source(name: string): ImageSource {
    const [first] = this.#sources.values();
    const source = name === "" ? first : this.#sources.get(name);
    if (source) return source;
    const names = [...this.#sources.keys()].join(", ");
    throw new DomainError(
      "unknown_source",
      `there is no source ${JSON.stringify(name)}; there are: ${names}`,
    );
  }

  sources(): SourceInfo[] {
    return [...this.#sources.values()].map((source) => source.info);
  }

  /** How each source is at this moment, for those who watch it. */
  states(): SourceStatus[] {
    return [...this.#sources.values()].map(({ info, refreshMs, saveFailures, prepullCounts }) => ({
      info,
      refreshMs,
      saveFailures,
      ...prepullCounts,
    }));
  }

  /** Lists all registries, and goes on doing so; `settled` is told after the first run of each. */
  start(settled: () => void): void {
    for (const source of this.#sources.values()) {
      const done = () => {
        this.#started.add(source);
        settled();
      };
      source.start().then(done, done);
    }
  }

  stop(): void {
    for (const source of this.#sources.values()) source.stop();
  }

  /** Stopped, and nobody calls any more: all is saved. */
  async end(): Promise<void> {
    await Promise.all([...this.#sources.values()].map((source) => source.end()));
  }

  /**
   * What is missing before calls can be answered; empty: nothing. Every source has to have a snapshot or to have ended
   * its first run badly, and at least one has to have a snapshot (architecture 4).
   */
  get missing(): string {
    const without = [...this.#sources].filter(([, { info }]) => info.snapshot === undefined);
    const unlisted = without.filter(([, source]) => !this.#started.has(source)).map(([name]) => name);
    if (unlisted.length > 0) return `not listed yet: ${unlisted.join(", ")}`;
    return without.length === this.#sources.size ? "no source could be listed" : "";
  }

  get isReady(): boolean {
    return this.missing === "";
  }
}
