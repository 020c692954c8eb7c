/**
 * What the tests of this room share: how often an input is made up, inputs of any kind, and what may be thrown.
 *
 * Each parser has a file, with inputs that nearly fit its grammar besides those that do not fit at all.
 */
import fc from "fast-check";
import { expect, vi } from "vitest";
import { DomainError, type Fault } from "../../src/domain/errors.ts";
import type { Answer } from "../../src/registry/exchange.ts";
import type { Headers } from "../../src/registry/headers.ts";

const numRuns = 10_000;

// A machine that is busy takes its time; a test that hangs ends all the same.
vi.setConfig({ testTimeout: 60_000 });

/** Checks a sentence for 10,000 inputs. One that fails is printed with the seed that makes it again. */
export function forAny<T>(inputs: fc.Arbitrary<T>, holds: (input: T) => void): void {
  fc.assert(fc.property(inputs, holds), { numRuns });
}

export function forAnyAsync<T>(inputs: fc.Arbitrary<T>, holds: (input: T) => Promise<void>): Promise<void> {
  return fc.assert(fc.asyncProperty(inputs, holds), { numRuns });
}

/** What a parser returns; undefined where it fails as it may, with a `DomainError` of this fault. */
export function parsed<T>(fault: Fault, parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    expectFault(error, fault);
    return undefined;
  }
}

export function expectFault(error: unknown, fault: Fault): void {
  // Thrown again as it is, so that a bug is seen with its own stack.
  if (!(error instanceof DomainError)) throw error;
  expect(error.fault).toBe(fault);
  expect(error.message.length).toBeLessThan(2000);
}

/** Any text at all: letters, control characters, halves of pairs. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((codes) => String.fromCharCode(...codes)),
);

/** Pieces of a grammar in any order, some of them not of it: what is nearly right. */
export function mixed(...pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...pieces) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("\0", "\t", "\r\n", '"', "\\", "%", "\u00e9", "\ud800", "x".repeat(300)),
    },
  );
  return fc.array(piece, { maxLength: 24 }).map((parts) => parts.join(""));
}

/** A text that fits, but for a piece that was cut out, doubled or replaced. */
export function broken(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(texts, fc.nat(), fc.nat({ max: 6 }), fc.oneof(fc.constant(""), anyText))
    .map(([text, at, length, instead]) => {
      const start = text.length === 0 ? 0 : at % text.length;
      return text.slice(0, start) + instead + text.slice(start + length);
    });
}

/** JSON values whose objects have these keys more often than others, `__proto__` among them. */
export function jsonWith(keys: readonly string[], values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const key = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...keys) },
    { weight: 1, arbitrary: fc.constantFrom("__proto__", "constructor", "toString", "") },
    { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthIdentifier: "json" },
      values,
      fc.constantFrom(null, true, 0, -1, 1e308, ""),
      fc.array(tie("tree"), { maxLength: 4, depthIdentifier: "json" }),
      // Written by hand: an object literal would take `__proto__` for a prototype.
      fc
        .array(fc.tuple(key, tie("tree")), { maxLength: 5, depthIdentifier: "json" })
        .map((entries) => Object.fromEntries(entries)),
    ),
  }));
  return tree;
}

/** Bodies of answers: JSON with these keys, JSON that breaks off, brackets without end, and any bytes. */
export function bodies(keys: readonly string[], values: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> {
  const json = jsonWith(keys, values).map((value) => JSON.stringify(value));
  const brackets = fc
    .tuple(fc.constantFrom("[", '{"a":', '{"errors":[', '{"tags":['), fc.integer({ min: 1, max: 3000 }))
    .map(([open, count]) => open.repeat(count));
  const texts = fc.oneof(
    { weight: 6, arbitrary: json },
    { weight: 3, arbitrary: broken(json) },
    { weight: 1, arbitrary: brackets },
    { weight: 1, arbitrary: anyText },
  );
  return fc.oneof(
    { weight: 6, arbitrary: texts.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  );
}

/** An answer of a registry with a body. */
export function answerOf(body: Buffer, status = 200, headers: Headers = {}): Answer {
  const exchange = {
    method: "GET",
    origin: "https://registry.example.org",
    path: "/v2/lab/image/tags/list?n=1000",
    headers: {},
    maxBytes: 1_000_000,
  } as const;
  return { exchange, status, headers, body };
}
