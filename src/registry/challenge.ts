/**
 * The challenges of a 401 answer: the `WWW-Authenticate` header (RFC 9110, section 11.6.1).
 *
 * Only reads them. Whom they may send us to is decided in `realm.ts`.
 */
import { DomainError } from "../domain/errors.ts";
import { Cursor } from "./cursor.ts";

export interface Challenge {
  /** In lower case: `bearer`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const space = /[ \t]*/y;
const separator = /[ \t,]*/y;
const name = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
// Realms without quotes hold characters that a token may not; they are read up to the next comma or space.
const parameter = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y;
// What Negotiate and NTLM send instead of parameters.
const token68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;

/** Reads all challenges of all headers, in their order. */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  return headers.flatMap(parseHeader);
}

/** The challenge to answer: Bearer where there is one, else Basic, else none. */
export function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && parameters.has("realm"));
  return bearer ?? challenges.find(({ scheme }) => scheme === "basic");
}

function parseHeader(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  const cursor = new Cursor(header);
  cursor.take(separator);
  while (!cursor.isAtEnd) {
    const scheme = cursor.take(name)?.[0];
    if (scheme === undefined) throw malformed();
    const parameters = new Map<string, string>();
    challenges.push({ scheme: scheme.toLowerCase(), parameters });
    cursor.take(space);
    if (cursor.take(token68) === undefined) {
      for (let match = cursor.take(parameter); match !== undefined; match = cursor.take(parameter)) {
        const value = match[2]?.replaceAll(/\\(.)/g, "$1") ?? match[3] ?? "";
        // Values go into a request of ours.
        if (/\p{Cc}/u.test(value)) throw malformed();
        parameters.set((match[1] ?? "").toLowerCase(), value);
        if (cursor.take(space) && !cursor.isBefore(",")) throw malformed();
        cursor.take(separator);
      }
    }
    cursor.take(space);
    if (parameters.size === 0 && !cursor.isBefore(",")) throw malformed();
    cursor.take(separator);
  }
  return challenges;
}

function malformed(): DomainError {
  return new DomainError("registry_corrupt", "the registry's WWW-Authenticate header is malformed");
}
