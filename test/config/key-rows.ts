/**
 * Rows of tables of keys, for either kind of file: the key; what was expected, as it is said; good values, `as(written,
 * read)` where they are read as something else; bad values; and where it stands in what is made of it.
 */

export interface Good {
  readonly written: unknown;
  readonly read: unknown;
}

export interface Key<Config> {
  readonly key: string;
  readonly expected: string;
  readonly good: readonly Good[];
  readonly bad: readonly unknown[];
  readonly read: (config: Config) => unknown;
}

export type Row<T> = readonly [string, string, readonly unknown[], readonly unknown[], (of: T) => unknown];

/** A value that is read as another. */
class As implements Good {
  readonly written: unknown;
  readonly read: unknown;
  constructor(written: unknown, read: unknown) {
    this.written = written;
    this.read = read;
  }
}
export const as = (written: unknown, read: unknown) => new As(written, read);

export function keysOf<T, Config>(
  prefix: string,
  rows: readonly Row<T>[],
  part: (config: Config) => T,
): Key<Config>[] {
  return rows.map(([key, expected, good, bad, read]) => ({
    key: prefix + key,
    expected,
    good: good.map((value) => (value instanceof As ? value : as(value, value))),
    bad,
    read: (config) => read(part(config)),
  }));
}

/** A value as a message shows it: what is inside of a list or a map may be a secret. */
export function shownAs(written: unknown): string {
  if (Array.isArray(written)) return "a list";
  return typeof written === "object" && written !== null ? "a map of keys" : JSON.stringify(written);
}

// What is expected, as it is said.
export const count = (max: number, min = 0) => `a whole number from ${min} to ${max}`;
export const address = "an address to listen on, host:port";
export const wait = "a duration like 90s or 5m, at most 24d";
export const label = "a DNS label: lower-case letters, digits and -, at most 63";
export const file = "the path of a file";
export const list = "a list";
export const flag = "true or false";
