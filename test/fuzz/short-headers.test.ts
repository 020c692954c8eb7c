/** Any value of the short headers: how long to wait, how many requests are left, what a registry warns of. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { rateLimit } from "../../src/registry/rate-limit.ts";
import { retryAfterMs } from "../../src/registry/retry-after.ts";
import { Secrets } from "../../src/registry/secrets.ts";
import { RegistryWarnings } from "../../src/registry/warning-header.ts";
import { anyText, broken, forAny, mixed } from "./support.ts";

const now = Date.parse("2077-10-28T12:00:00Z");

it("any Retry-After is a time of an hour at most, or none", () => {
  const dates = fc
    .date({ noInvalidDate: false })
    .map((date) => (Number.isNaN(date.getTime()) ? "Invalid Date" : date.toUTCString()));
  const times = fc.oneof(
    fc.oneof(fc.integer(), fc.double(), fc.bigInt()).map(String),
    dates,
    broken(dates),
    mixed("0", "9", "-", ".", "e", "Thu", ", ", "28 Oct 2077 ", "12:00:01", " GMT", " "),
    anyText,
  );
  const headers = fc.record(
    {
      "retry-after": fc.oneof(times, fc.array(times, { maxLength: 2 })),
      "x-retry-after": times,
      "ratelimit-reset": times,
    },
    { requiredKeys: [] },
  );
  forAny(headers, (values) => {
    const wait = retryAfterMs(values, now);
    if (wait === undefined) return;
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(3_600_000);
  });
});

it("any numbers of requests are counts, or none", () => {
  const counts = fc.oneof(
    fc
      .tuple(fc.nat(), fc.constantFrom("", ";w=21600", "; w=1", ";w=", ";w=99999999999"))
      .map((parts) => parts.join("")),
    mixed("1", "0", ";", "w=", " ", "-", "e9"),
    anyText,
  );
  const headers = fc.record(
    { "ratelimit-limit": counts, "ratelimit-remaining": counts },
    { requiredKeys: [] },
  );
  forAny(headers, (values) => {
    const left = rateLimit(values);
    if (left === undefined) return;
    for (const count of [left.limit, left.remaining, left.window ?? 0]) {
      expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
    }
  });
});

it("any warnings are a few sentences on a line each, without what is secret", () => {
  const warnings = fc.oneof(
    fc
      .tuple(anyText, fc.constantFrom("299 - ", "299 x ", "199 - "))
      .map(([text, head]) => `${head}"${text}"`),
    mixed("299 - ", '"', "\\", "s3cret", ", ", "a b", "\n", "\u202e"),
    anyText,
  );
  forAny(fc.array(warnings, { maxLength: 4 }), (values) => {
    const secrets = new Secrets();
    secrets.add("s3cret");
    const all = new RegistryWarnings(secrets);
    all.add({ warning: values });
    all.add({ warning: values });
    const sentences = all.sentences();
    expect(new Set(sentences).size).toBe(sentences.length);
    expect(Buffer.byteLength(sentences.join(""))).toBeLessThan(4096 + 100 * values.length);
    for (const sentence of sentences) {
      expect(sentence).not.toMatch(/\p{C}/u);
      expect(sentence).not.toContain("s3cret");
    }
  });
});
