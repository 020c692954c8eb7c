/** Headers of an answer, as undici has them: names in lower case. */
export type Headers = Record<string, string | string[] | undefined>;

/** The first value of a header. */
export function header(headers: Headers, name: string): string | undefined {
  return headerList(headers, name)[0];
}

/** All values of a header that may be there more than once. */
export function headerList(headers: Headers, name: string): readonly string[] {
  const value = headers[name];
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}
