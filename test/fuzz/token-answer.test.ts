/** Any answer of a token endpoint: a token that can be sent and has an end, or the failure that callers are told. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { HostState } from "../../src/registry/host-state.ts";
import { defaultLimits } from "../../src/registry/limits.ts";
import { Secrets } from "../../src/registry/secrets.ts";
import { requestToken } from "../../src/registry/token-endpoint.ts";
import { fakeClock } from "../registry/reader.ts";
import { answerOf, anyText, bodies, expectFault, forAnyAsync } from "./support.ts";

const clock = fakeClock();
const request = {
  realm: new URL("https://registry.example.org/token"),
  service: "s",
  scopes: ["repository:lab/image:pull"],
  credentials: { kind: "password", username: "puller", password: "s3cret", id: "1" },
} as const;
const time = { deadlineAt: Number.POSITIVE_INFINITY, signal: new AbortController().signal };

const keys = [
  "token",
  "access_token",
  "expires_in",
  "issued_at",
  "refresh_token",
  "errors",
  "code",
  "message",
];
const values = fc.oneof(
  fc.constantFrom("abc.def", "a\r\nb", "s3cret", "DENIED", "2077-10-28T12:00:00Z", "yesterday", "é"),
  fc.double(),
  fc.integer(),
  anyText,
);

it("any answer gives a token for a time, or fails without a word of ours", async () => {
  const inputs = fc.tuple(bodies(keys, values), fc.constantFrom(200, 200, 200, 401, 403, 404, 204, 302, 418));
  await forAnyAsync(inputs, async ([body, status]) => {
    const secrets = new Secrets();
    const ask = async () => answerOf(body, status);
    const options = { ask, host: () => new HostState(), clock, limits: defaultLimits, secrets };
    try {
      const { value, expiresAt, refreshToken = "x" } = await requestToken(request, options, time);
      expect(status).toBe(200);
      for (const token of [value, refreshToken]) expect(token).toMatch(/^[\x21-\x7e]+$/);
      expect(expiresAt).toBeGreaterThan(clock.now());
      const isShown = "[secret]".includes(value); // in what stands in its place
      if (value.length >= 4 && !isShown) expect(secrets.redact(value)).not.toContain(value);
    } catch (error) {
      expectFault(error, status === 401 || status === 403 ? "registry_denied" : faultOf(error));
      expect(String(error)).not.toContain("s3cret");
    }
  });
});

/** Codes in the body say more than the status: any fault that a registry can have. */
function faultOf(error: unknown) {
  const { fault } = error as { fault?: unknown };
  const faults = ["registry_corrupt", "registry_denied", "repository_not_found"] as const;
  return faults.find((known) => known === fault) ?? "registry_corrupt";
}
