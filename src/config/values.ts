/**
 * The kinds of value that the configuration has, as schemas that say what they expect.
 */
import * as v from "valibot";
import { isDigest } from "../domain/digest.ts";
import { isDnsLabel, isDnsSubdomain } from "../domain/dns-name.ts";
import { isHost, isLoopback, looksLikeHost } from "../domain/host.ts";
import { isRepositoryPath } from "../domain/reference.ts";
import { isTagName } from "../domain/tag.ts";
import { parseVersion } from "../domain/version.ts";
import { parseDuration, parseSize } from "./quantities.ts";

/** A value that a function reads; undefined from it means that it is none. */
export function read<T>(expected: string, parse: (value: unknown) => T | undefined) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      const value = parse(dataset.value);
      if (value !== undefined) return value;
      addIssue({ message: saying(expected, dataset.value) });
      return NEVER;
    }),
  );
}

/** What is said of a value that is not as expected. */
export function saying(expected: string, value: unknown): string {
  return `has to be ${expected}, but is ${show(value)}`;
}

export function text(expected: string, holds: (text: string) => boolean) {
  return read(expected, (value) => (typeof value === "string" && holds(value) ? value : undefined));
}

const notMap = ({ input }: { readonly input: unknown }) => `has to be a map of keys, but is ${show(input)}`;
export const map = v.custom<object>(isMap, notMap);

/** A map. Keys that are not among these are found by `unknown-keys.ts`. */
export function keys<T extends v.ObjectEntries>(entries: T) {
  return v.pipe(map, v.object(entries));
}

/** Arrays, sets and maps of other kinds are objects too. */
export function isMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

export function integer(min: number, max: number) {
  const fits = (value: unknown): value is number =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return read(`a whole number from ${min} to ${max}`, (value) => (fits(value) ? value : undefined));
}

/** setTimeout takes 2^31 - 1 ms and ends at once beyond. */
const longestTimer = 24 * 24 * 3_600_000;

/** A duration that is waited for, in milliseconds; the shortest one in full seconds, or 1 for anything above 0. */
export function timer(min = 0) {
  const fits = (ms: number | undefined) =>
    ms !== undefined && ms >= min && ms <= longestTimer ? ms : undefined;
  const least = min === 0 ? "" : min === 1 ? "above 0 and " : `at least ${min / 1000}s and `;
  return read(`a duration like 90s or 5m, ${least}at most 24d`, (value) => fits(parseDuration(value)));
}

export const duration = read("a duration like 90s, 5m or 104w", parseDuration);
export const size = read("a size like 64KiB or 256MiB, above 0", (value) => parseSize(value) || undefined);
export const bytes = integer(0, Number.MAX_SAFE_INTEGER);
export const boolean = read("true or false", (value) => (typeof value === "boolean" ? value : undefined));
export const file = text("the path of a file", (value) => value !== "");
export const directory = text("the path of a directory", (value) => value !== "");
export const tag = text("a tag: letters, digits, _ . and -, at most 128 (numbers need quotes)", isTagName);
export const tagOrNone = text("a tag, or empty for none", (value) => value === "" || isTagName(value));
export const digest = text("a digest: sha256: and 64 lower-case hex digits, or sha512: and 128", isDigest);
export const host = text("a host, or host:port", isHost);
/** References that begin with it have to be told from paths of Docker Hub. */
export const registry = text(
  "a host with a dot or a port, like registry.example.org or registry:5000",
  (value) => {
    return isHost(value) && looksLikeHost(value);
  },
);
/** Google's, and those of a domain: `example.com:my-project`. */
export const projectId = text("the ID of a Google project", (value) =>
  /^(?:[a-z0-9.-]{1,63}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(value),
);
export const endpoint = text("an https URL without a path, or an http one on loopback", (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.pathname !== "/" || `${url.search}${url.hash}${url.username}${url.password}` !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.host));
});
export const repository = text("the path of a repository in lower case", isRepositoryPath);
export const label = text("a DNS label: lower-case letters, digits and -, at most 63", isDnsLabel);
export const nodeName = text("a DNS-1123 subdomain of at most 253 characters", isDnsSubdomain);
export const objectName = text(
  "a name of Kubernetes: a DNS-1123 subdomain of at most 253 characters",
  isDnsSubdomain,
);
export const address = text("an address to listen on, host:port", (value) => {
  return (
    /:\d{1,5}$/.test(value) && isHost(value) && Number(value.slice(value.lastIndexOf(":") + 1)) <= 65_535
  );
});
/** As browsers send it: nothing behind host and port, which is left out where it is the default. */
export const origin = text("an origin like https://hub.example.org", (value) => {
  return /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value;
});
export const version = read("a version like 25.0.0 or 25.0.0-rc2", (value) =>
  typeof value === "string" ? parseVersion(value) : undefined,
);
const datePattern = /^(\d{4}-\d\d-\d\d)(?:[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?$/;

/** Milliseconds since the epoch. */
export const date = read("a day like 2024-01-01, or an RFC 3339 time", (value) => {
  const [whole, day] = (typeof value === "string" && datePattern.exec(value)) || [];
  const time = whole === undefined ? Number.NaN : Date.parse(whole);
  if (Number.isNaN(time) || day === undefined) return undefined;
  const exists = new Date(Date.parse(day)).toISOString().startsWith(day); // Date.parse takes February 31st
  return exists ? time : undefined;
});

/** A key that is known and cannot be used in this version. */
export function refused(because: string) {
  return v.optional(v.custom<never>(() => false, because));
}

export function oneOf<T extends string>(...values: T[]) {
  return read(values.join(" or "), (value) => values.find((one) => one === value));
}

/** Of a longer text nothing is shown that could be a password whose end is not seen. */
const longestShown = 1_000;

/** A value as it can stand in a sentence: short, and without what could be a password. */
function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map of keys";
  if (typeof value !== "string") return String(value);
  const start = value.slice(0, longestShown).replace(/[^\s@]*@/g, "…@"); // user:password@host
  return JSON.stringify(start.length > 80 || value.length > longestShown ? `${start.slice(0, 80)}…` : start);
}
