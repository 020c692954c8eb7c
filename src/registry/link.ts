/**
 * The next page, as the `Link` header names it (RFC 8288). Of a link only its query string is taken, letter by
 * letter: registries behind proxies name wrong schemes, ports, hosts and paths, and a link that is followed as it
 * stands goes wherever the registry says.
 */
import { DomainError } from "../domain/errors.ts";
import { Cursor } from "./cursor.ts";

const separator = /[ \t,]*/y;
const target = /<([^<>]*)>/y;
const parameter = /[ \t]*;[ \t]*(?:([^\s=;,"<>]+)[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?)?/y;

/** The query string of the link to the next page, without `?`; undefined where there is no such link. */
export function nextQuery(headers: readonly string[]): string | undefined {
  for (const header of headers) {
    for (const { uri, rel } of parseHeader(header)) {
      if (rel.toLowerCase().split(/\s+/).includes("next")) return query(uri);
    }
  }
  return undefined;
}

function parseHeader(header: string): { uri: string; rel: string }[] {
  const links: { uri: string; rel: string }[] = [];
  const cursor = new Cursor(header);
  cursor.take(separator);
  while (!cursor.isAtEnd) {
    const uri = cursor.take(target)?.[1];
    if (uri === undefined) throw malformed(header);
    let rel: string | undefined;
    for (let match = cursor.take(parameter); match !== undefined; match = cursor.take(parameter)) {
      // The first one counts.
      if (match[1]?.toLowerCase() === "rel") rel ??= match[2] ?? match[3] ?? "";
    }
    links.push({ uri, rel: rel ?? "" });
    cursor.take(/[ \t]*/y);
    if (!cursor.isBefore(",")) throw malformed(header);
    cursor.take(separator);
  }
  return links;
}

function query(uri: string): string {
  const mark = uri.indexOf("?");
  const text = mark < 0 ? "" : (uri.slice(mark + 1).split("#", 1)[0] ?? "");
  if (!URL.canParse(uri, "https://registry.invalid/") || !/^[\x21-\x7e]+$/.test(text)) throw malformed(uri);
  return text;
}

function malformed(text: string): DomainError {
  return new DomainError(
    "registry_corrupt",
    `the registry's Link header is malformed, so the rest of its tags cannot be read: ${JSON.stringify(text.slice(0, 200))}`,
  );
}
