/**
 * One page of `tags/list`: what of it are tags, and what is not.
 */
import { DomainError } from "../domain/errors.ts";
import { isTagName } from "../domain/tag.ts";
import { type Answer, describeExchange } from "./exchange.ts";
import { parseJson, property } from "./json.ts";

export interface TagPage {
  /** How many entries the registry counts, tags or not. */
  readonly length: number;
  /** All entries that are text, in the registry's order: what paging goes by. */
  readonly names: readonly string[];
}

export function readTagPage(answer: Answer): TagPage {
  const body = parseJson(answer.body);
  const tags = property(body, "tags");
  if (Array.isArray(tags))
    return { length: tags.length, names: tags.filter((tag) => typeof tag === "string") };
  // Null, or left out, is how some registries write an empty list.
  const empty = tags === null || (tags === undefined && typeof property(body, "name") === "string");
  if (empty) return { length: 0, names: [] };
  throw new DomainError(
    "registry_corrupt",
    `the answer to ${describeExchange(answer.exchange)} is no list of tags`,
  );
}

const maxExamples = 3;

/** Counts the entries that are no tags, to tell of them once. */
export class Dropped {
  #count = 0;
  readonly #examples: string[] = [];

  /** The names that are tags. */
  filter({ length, names }: TagPage, fresh: readonly string[]): string[] {
    const tags = fresh.filter(isTagName);
    const wrong = tags.length === fresh.length ? [] : fresh.filter((name) => !isTagName(name));
    this.#count += length - names.length + wrong.length;
    for (const name of wrong) {
      if (this.#examples.length < maxExamples) this.#examples.push(JSON.stringify(name.slice(0, 80)));
    }
    return tags;
  }

  /** A sentence; undefined where nothing was left out. */
  warning(): string | undefined {
    if (this.#count === 0) return undefined;
    const examples = this.#examples.length === 0 ? "" : `, for example ${this.#examples.join(", ")}`;
    return `the registry lists ${this.#count} entries that are no tag names; they are left out${examples}`;
  }
}
