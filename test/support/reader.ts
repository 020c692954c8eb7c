/**
 * A reader for tests of `sources/`: a registry that is a few values, and does what the test says.
 *
 * What readers of real registries do is tested in their own rooms.
 */
import { DomainError, type Fault } from "../../src/domain/errors.ts";
import type { Page, Reader, RegistryTag } from "../../src/sources/reader.ts";
import { sha } from "./domain.ts";

export class ScriptedReader implements Reader {
  /** First hex digits of the digest of each tag. */
  tags: Record<string, string>;
  /** What a listing fails with. */
  failure: Error | undefined;
  /** What resolving a tag fails with. */
  readonly broken = new Map<string, Error>();
  /** Ends what is asked for while it is set. */
  gate: Promise<void> | undefined;
  /** Every request: `list`, or the tag that was to be resolved. */
  readonly asked: string[] = [];
  readonly warnings: string[] = [];
  readonly #tellsDigests: boolean;
  resolve?: (tag: string, signal: AbortSignal) => Promise<string>;

  constructor(tags: Record<string, string>, { tellsDigests = false } = {}) {
    this.tags = tags;
    this.#tellsDigests = tellsDigests;
    if (!tellsDigests) this.resolve = (tag, signal) => this.#resolve(tag, signal);
  }

  async *list(signal: AbortSignal): AsyncGenerator<Page> {
    this.asked.push("list");
    await this.#pass(signal);
    if (this.failure) throw this.failure;
    const tags = Object.entries(this.tags).map(([name, digest]): RegistryTag => {
      return this.#tellsDigests ? { name, digest: sha(digest) } : { name };
    });
    yield { tags, warnings: this.warnings };
  }

  async #resolve(tag: string, signal: AbortSignal): Promise<string> {
    this.asked.push(tag);
    await this.#pass(signal);
    const broken = this.broken.get(tag) ?? this.failure;
    if (broken) throw broken;
    const digest = this.tags[tag];
    if (digest === undefined) throw fault("unknown_image", `no manifest ${tag}`);
    return sha(digest);
  }

  async #pass(signal: AbortSignal): Promise<void> {
    if (!this.gate) return;
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(signal.reason));
    await Promise.race([this.gate, promise]);
  }
}

export function fault(kind: Fault, message: string = kind): DomainError {
  return new DomainError(kind, message);
}

export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Never aborted. */
export const patient = new AbortController().signal;
