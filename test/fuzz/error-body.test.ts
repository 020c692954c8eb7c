/** Any body of an error: a few codes and a readable line, and a failure that callers can be told. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { DomainError } from "../../src/domain/errors.ts";
import { answerError } from "../../src/registry/answer-error.ts";
import { registryErrors } from "../../src/registry/registry-errors.ts";
import { Secrets } from "../../src/registry/secrets.ts";
import { answerOf, anyText, bodies, forAny, mixed } from "./support.ts";

const keys = ["errors", "code", "message", "detail", "details", "error", "error_description"];
const codes = fc.constantFrom(
  ...[
    "NAME_UNKNOWN",
    "MANIFEST_UNKNOWN",
    "DENIED",
    "UNAUTHORIZED",
    "TOOMANYREQUESTS",
    "UNAVAILABLE",
    "name_invalid",
  ],
);
const html = mixed("<html>", "<title>", "</title>", "<", ">", "403 Forbidden", "s3cret", " ").map((text) => {
  return Buffer.from(text);
});
const inputs = fc.oneof(
  { weight: 3, arbitrary: bodies(keys, fc.oneof(codes, fc.constant("login s3cret is wrong"), anyText)) },
  { weight: 1, arbitrary: html },
);

it("any body has codes in upper case, and a text of one short line", () => {
  forAny(inputs, (body) => {
    const { codes, text } = registryErrors(body);
    expect(codes.length).toBeLessThanOrEqual(5);
    for (const code of codes) expect(code).toBe(code.toUpperCase());
    expect(text.length).toBeLessThanOrEqual(301);
    // A half of a pair is not put there by cutting only: it may have been sent.
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}\n]/u);
  });
});

it("any answer is a failure of a registry, and tells no secret", () => {
  const secrets = new Secrets();
  secrets.add("s3cret");
  const statuses = fc.oneof(
    fc.constantFrom(401, 403, 404, 429, 500, 503),
    fc.integer({ min: 100, max: 999 }),
  );
  forAny(fc.tuple(inputs, statuses, fc.boolean()), ([body, status, anonymous]) => {
    const error = answerError(answerOf(body, status), { anonymous, notFound: "unknown_image", secrets });
    expect(error).toBeInstanceOf(DomainError);
    expect(error.fault).toMatch(/^(?:registry_|repository_not_found|unknown_image)/);
    expect(error.message).not.toContain("s3cret");
    expect(error.message).not.toContain("n=1000");
    expect(error.message.length).toBeLessThan(600);
  });
});
