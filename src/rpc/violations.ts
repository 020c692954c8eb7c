/**
 * What is wrong in a request, field by field, all of it at once.
 */

export interface Violation {
  /** Path of the field: `node_cache.nodes[3].name`. */
  readonly field: string;
  /** What it has to be. */
  readonly description: string;
}

/** So many are named; an error has to fit into the trailers of a reply. */
const maxNamed = 8;

export class InvalidRequest extends Error {
  override readonly name = "InvalidRequest";
  readonly violations: readonly Violation[];

  constructor(violations: readonly Violation[], options?: ErrorOptions) {
    const named = violations.slice(0, maxNamed);
    const more = violations.length > maxNamed ? `; and ${violations.length - maxNamed} more` : "";
    super(named.map(({ field, description }) => `${field} ${description}`).join("; ") + more, options);
    this.violations = named;
  }
}

/** Collects what is wrong while a request is read. */
export class Violations {
  readonly #found: Violation[] = [];

  /** Notes a violation unless the condition holds. */
  expect(holds: boolean, field: string, description: string): void {
    if (!holds) this.#found.push({ field, description });
  }

  add(field: string, description: string): void {
    this.#found.push({ field, description });
  }

  /** Fails with all that was noted. */
  throwIfAny(): void {
    if (this.#found.length > 0) throw new InvalidRequest(this.#found);
  }
}

/** A value as it can stand in a sentence: quoted, short, and in ASCII, which trailers carry as it is. */
export function quote(text: string): string {
  const quoted = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
  return quoted.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
