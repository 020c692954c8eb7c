/**
 * How long a host asks to be left alone, in the forms in which registries say so.
 */
import { type Headers, header } from "./headers.ts";

/** A larger number of seconds than this can only be a point in time. */
const unixTime = 1_000_000_000;

// A registry that says a year by mistake is asked again all the same.
const maxWaitMs = 3_600_000;

/** Milliseconds from now, an hour at most; undefined where nothing is said, or nothing that makes sense. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  // X-Retry-After and RateLimit-Reset are what older servers send, in seconds or as a Unix time.
  for (const name of ["retry-after", "x-retry-after", "ratelimit-reset"]) {
    const wait = read(header(headers, name)?.trim() ?? "", now);
    if (wait !== undefined) return wait;
  }
  return undefined;
}

function read(text: string, now: number): number | undefined {
  const seconds = /^\d{1,12}$/.test(text) ? Number(text) : undefined;
  const until =
    seconds === undefined ? httpDate(text) : seconds >= unixTime ? seconds * 1000 : now + seconds * 1000;
  const wait = until - now;
  return wait > 0 ? Math.min(wait, maxWaitMs) : undefined;
}

/** Not a number where the text is no date: `Date.parse` alone takes a lot for one. */
function httpDate(text: string): number {
  return /^[A-Za-z]{3,9}, .*\d\d:\d\d:\d\d GMT$/.test(text) ? Date.parse(text) : Number.NaN;
}
