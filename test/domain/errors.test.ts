import { expect, it } from "vitest";
import { DomainError, isFault } from "../../src/domain/errors.ts";

it("an error keeps fault, message, cause and how long to wait", () => {
  const cause = new Error("below");
  const error = new DomainError("registry_rate_limited", "later", { cause, retryAfterMs: 1500 });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: "DomainError",
    fault: "registry_rate_limited",
    message: "later",
    cause,
    retryAfterMs: 1500,
  });
});

it("without options there is no cause, and nothing to wait for", () => {
  const error = new DomainError("invalid", "wrong");
  expect(error.retryAfterMs).toBeUndefined();
  expect(error.cause).toBeUndefined();
});

const error = new DomainError("unknown_image", "gone");

it.each([
  ["a domain error, whatever its fault", error, [], true],
  ["one of the fault that is asked about", error, ["unknown_image"], true],
  ["one of several faults", error, ["invalid", "unknown_image"], true],
  ["not one of another fault", error, ["invalid"], false],
  ["not another error", new Error("gone"), [], false],
  ["not what only looks like one", { fault: "unknown_image" }, ["unknown_image"], false],
  ["not what is no error at all", undefined, [], false],
  ["not null", null, [], false],
] as const)("isFault: %s", (_, thrown, faults, is) => {
  expect(isFault(thrown, ...faults)).toBe(is);
});
