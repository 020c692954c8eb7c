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
   * Whether calls can be answered: every source has a snapshot or has ended its first run badly, and at least one
   * has a snapshot (architecture 4).
   */
  get isReady(): boolean {
    const sources = [...this.#sources.values()];
    const hasSnapshot = (source: ImageSource) => source.info.snapshot !== undefined;
    return (
      sources.some(hasSnapshot) && sources.every((source) => this.#started.has(source) || hasSnapshot(source))
    );
  }
}
