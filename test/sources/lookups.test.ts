/** Lookups on demand: what is kept, for how long, and who shares a request (behaviour 7). */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Lookups } from "../../src/sources/lookups.ts";
import { fault, patient } from "../support/reader.ts";

/** Answers are given by the test; each call is one that reached the registry. */
function registry() {
  const calls: {
    tag: string;
    signal: AbortSignal;
    answer: (digest: string) => void;
    fail: (error: Error) => void;
  }[] = [];
  const resolve = (tag: string, signal: AbortSignal) => {
    const { promise, resolve: answer, reject: fail } = Promise.withResolvers<string>();
    calls.push({ tag, signal, answer, fail });
    return promise;
  };
  return { calls, resolve };
}

const ttl = 30_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  vi.advanceTimersByTime(1); // the cache takes a time of 0 for none
});
afterEach(() => void vi.useRealTimers());

describe("Lookups", () => {
  it("a thousand who ask for the same tag at once cost one request", async () => {
    const { calls, resolve } = registry();
    const lookups = new Lookups(resolve, ttl);
    const asked = Array.from({ length: 1000 }, () => lookups.digest("w_2077_43", undefined, patient));
    calls[0]?.answer("sha256:a");
    expect(new Set(await Promise.all(asked))).toEqual(new Set(["sha256:a"]));
    expect(calls).toHaveLength(1);
  });

  it.each([
    ["a digest is kept for resolveTtl", "sha256:a", 29_999, 1],
    ["and asked for again after it", "sha256:a", 30_001, 2],
    ["that a tag was not found is kept for 5 s", fault("unknown_image"), 4_999, 1],
    ["and asked for again after it", fault("unknown_image"), 5_001, 2],
    ["another failure is not kept at all", fault("registry_unavailable"), 0, 2],
  ])("case 81: %s", async (_, outcome, later, requests) => {
    const { calls, resolve } = registry();
    const lookups = new Lookups(resolve, ttl);
    const ask = async () => {
      const asked = lookups.digest("w_2077_43", undefined, patient).catch((error: unknown) => error);
      const call = calls.at(-1);
      if (typeof outcome === "string") call?.answer(outcome);
      else call?.fail(outcome);
      return asked;
    };
    expect(await ask()).toBe(outcome);
    await vi.advanceTimersByTimeAsync(later);
    expect(await ask()).toBe(outcome);
    expect(calls).toHaveLength(requests);
  });

  it("with a resolveTtl of 0 nothing is kept, not even that a tag was not found", async () => {
    const { calls, resolve } = registry();
    const lookups = new Lookups(resolve, 0);
    for (const expected of [1, 2]) {
      const asked = lookups.digest("gone", undefined, patient);
      calls.at(-1)?.fail(fault("unknown_image"));
      await expect(asked).rejects.toThrow("unknown_image");
      expect(calls).toHaveLength(expected);
    }
  });

  it("a kept answer may say yes to a wanted digest; before it says no, the registry is asked again", async () => {
    const { calls, resolve } = registry();
    const lookups = new Lookups(resolve, ttl);
    const first = lookups.digest("latest", undefined, patient);
    calls[0]?.answer("sha256:old");
    await first;
    expect(await lookups.digest("latest", "sha256:old", patient)).toBe("sha256:old");
    expect(calls).toHaveLength(1);
    const moved = lookups.digest("latest", "sha256:new", patient);
    expect(calls).toHaveLength(2);
    calls[1]?.answer("sha256:new");
    expect(await moved).toBe("sha256:new");
  });

  it("that a tag was not found says nothing about a digest that is wanted: it may have come back", async () => {
    const { calls, resolve } = registry();
    const lookups = new Lookups(resolve, ttl);
    const gone = lookups.digest("latest", undefined, patient);
    calls[0]?.fail(fault("unknown_image"));
    await expect(gone).rejects.toThrow("unknown_image");
    const back = lookups.digest("latest", "sha256:a", patient);
    calls[1]?.answer("sha256:a");
    expect(await back).toBe("sha256:a");
  });

  it("an update drops what is kept, and what is asked across it is not kept", async () => {
    const { calls, resolve } = registry();
    const lookups = new Lookups(resolve, ttl);
    const kept = lookups.digest("a", undefined, patient);
    calls[0]?.answer("sha256:a");
    await kept;
    const across = lookups.digest("b", undefined, patient);
    lookups.clear();
    calls[1]?.answer("sha256:b");
    expect(await across).toBe("sha256:b");
    void lookups.digest("a", undefined, patient);
    void lookups.digest("b", undefined, patient);
    expect(calls.map(({ tag }) => tag)).toEqual(["a", "b", "a", "b"]);
  });

  it("ends after 10 s as registry_unavailable, and stops asking", async () => {
    const { calls, resolve } = registry();
    const asked = new Lookups(resolve, ttl).digest("slow", undefined, patient);
    const failed = expect(asked).rejects.toMatchObject({ fault: "registry_unavailable" });
    await vi.advanceTimersByTimeAsync(9_999);
    expect(calls[0]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await failed;
    expect(calls[0]?.signal.aborted).toBe(true);
  });

  it("a caller who gives up leaves the others waiting for the same request", async () => {
    const { calls, resolve } = registry();
    const lookups = new Lookups(resolve, ttl);
    const caller = new AbortController();
    const gone = lookups.digest("a", undefined, caller.signal);
    const stays = lookups.digest("a", undefined, patient);
    caller.abort(new Error("gone"));
    await expect(gone).rejects.toThrow("gone");
    calls[0]?.answer("sha256:a");
    expect(await stays).toBe("sha256:a");
    expect(calls).toHaveLength(1);
  });

  it("while 100 tags are waited for, another is refused, and one of them is joined", async () => {
    const { calls, resolve } = registry();
    const lookups = new Lookups(resolve, ttl);
    const waiting = Array.from({ length: 100 }, (_, index) =>
      lookups.digest(`tag-${index}`, undefined, patient),
    );
    await expect(lookups.digest("one-more", undefined, patient)).rejects.toMatchObject({
      fault: "overloaded",
      retryAfterMs: 1000,
    });
    const joined = lookups.digest("tag-0", undefined, patient);
    for (const call of calls) call.answer("sha256:a");
    await Promise.all([joined, ...waiting]);
    expect(calls).toHaveLength(100);
    void lookups.digest("one-more", undefined, patient);
    expect(calls).toHaveLength(101);
  });
});
