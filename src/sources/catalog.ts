/**
 * The sources of the service, by their names.
 */
import { DomainError } from "../domain/errors.ts";
import type { SourceInfo } from "../domain/source-info.ts";
import type { ImageSource } from "./image-source.ts";

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

  /** How long the last run of each took, in milliseconds; none for those that have not ended one. */
  refreshTimes(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#sources].flatMap(([name, { refreshMs }]) =>
        refreshMs === undefined ? [] : [[name, refreshMs]],
      ),
    );
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
