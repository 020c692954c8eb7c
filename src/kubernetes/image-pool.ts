/**
 * Lists of images of which equal parts are one object: thousands of nodes hold the same images, and each tells their
 * names anew.
 */
import { LRUCache } from "lru-cache";
import type { CachedImage } from "../domain/node-cache.ts";
import { list, number, object } from "./json.ts";

// More than a cluster's nodes hold together; each has some 500 bytes.
const maxImages = 20_000;
const none: readonly CachedImage[] = [];

export class ImagePool {
  /** By their first name. Two may share it: the same image, of which one node knows more names. */
  readonly #images: LRUCache<string, readonly CachedImage[]>;

  constructor(max = maxImages) {
    this.#images = new LRUCache({ max });
  }

  /** Reads `status.images`, which may be null. */
  read(images: unknown): readonly CachedImage[] {
    const entries = list(images);
    return entries.length === 0 ? none : entries.map((entry) => this.#shared(entry));
  }

  #shared(entry: unknown): CachedImage {
    const { names: told, sizeBytes } = object(entry);
    const names = list(told).filter((name) => typeof name === "string");
    const size = Math.max(0, number(sizeBytes) ?? 0);
    const key = names[0] ?? "";
    const known = this.#images.get(key) ?? [];
    const same = known.find((image) => image.size === size && isSame(image.names, names));
    if (same) return same;
    const image = { names, size };
    this.#images.set(key, [image, ...known.slice(0, maxOfOneName - 1)]);
    return image;
  }
}

/** An image without names tells its size only, and there may be as many of those as nodes. */
const maxOfOneName = 10;

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
