/**
 * Reads a text from its start to its end, a piece at a time. Of no grammar: the patterns are the reader's.
 */
export class Cursor {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  /** Whether this character comes next, or nothing does. */
  isBefore(character: string): boolean {
    return this.isAtEnd || this.#text[this.#position] === character;
  }

  /** The match of a sticky pattern (flag `y`) that stands next, which is passed then. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#position = pattern.lastIndex;
    return match;
  }
}
