/**
 * Things of one kind, kept as the API server has them: what is known of them, and who is told of changes. Where it comes
 * from is `feed-loop.ts`.
 */
import { isDeepStrictEqual } from "node:util";
import type { Feed } from "./cluster.ts";

type Listener<T> = (before: T | undefined, after: T | undefined) => void;

export class ResourceFeed<T extends { readonly name: string }> implements Feed<T> {
  readonly #items = new Map<string, T>();
  readonly #listeners = new Set<Listener<T>>();
  readonly #listed = Promise.withResolvers<void>();
  #readTime = 0;

  get items(): ReadonlyMap<string, T> {
    return this.#items;
  }

  get readTime(): number {
    return this.#readTime;
  }

  get listed(): Promise<void> {
    return this.#listed.promise;
  }

  onChange(listener: Listener<T>): () => void {
    const own: Listener<T> = (before, after) => listener(before, after); // the same one may come twice
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Takes over a whole list, read at that time. */
  replace(items: ReadonlyMap<string, T>, readTime: number): void {
    this.#readTime = readTime;
    const changes: [T | undefined, T | undefined][] = [];
    for (const [name, before] of this.#items) {
      if (items.has(name)) continue;
      this.#items.delete(name);
      changes.push([before, undefined]);
    }
    for (const [name, after] of items) {
      const before = this.#items.get(name);
      if (isDeepStrictEqual(before, after)) continue; // the old one stays, which is shared
      this.#items.set(name, after);
      changes.push([before, after]);
    }
    this.#listed.resolve();
    for (const [before, after] of changes) this.#tell(before, after);
  }

  put(item: T): void {
    const before = this.#items.get(item.name);
    if (isDeepStrictEqual(before, item)) return; // what changed is nothing that is kept
    this.#items.set(item.name, item);
    this.#tell(before, item);
  }

  remove(name: string): void {
    const before = this.#items.get(name);
    if (!before) return;
    this.#items.delete(name);
    this.#tell(before, undefined);
  }

  /** All of it was known to be so at that time. */
  seen(time: number): void {
    this.#readTime = time;
  }

  #tell(before: T | undefined, after: T | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(before, after);
      } catch (error) {
        // A bug, which must not pass for one of the API server's and be tried again: it ends the process.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
