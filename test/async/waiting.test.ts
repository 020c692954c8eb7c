import { describe, expect, it } from "vitest";
import { abortable } from "../../src/async/abortable.ts";
import { backOffMs } from "../../src/async/back-off.ts";
import { systemClock } from "../../src/async/clock.ts";
import { withDeadline } from "../../src/async/deadline.ts";

const never = new AbortController().signal;
const forever = new Promise<never>(() => {});
const enough = new Error("enough");

describe("a promise with a signal", () => {
  it("settles as it would without", async () => {
    expect(await abortable(Promise.resolve(1), never)).toBe(1);
    await expect(abortable(Promise.reject(enough), never)).rejects.toBe(enough);
  });

  it("is given up as soon as the signal is aborted, or was before", async () => {
    const controller = new AbortController();
    const waiting = abortable(forever, controller.signal);
    controller.abort(enough);
    await expect(waiting).rejects.toBe(enough);
    await expect(abortable(forever, controller.signal)).rejects.toBe(enough);
  });
});

describe("work with a deadline", () => {
  it("gives what it gives in time", async () => {
    expect(
      await withDeadline(
        60_000,
        () => enough,
        async () => 1,
        never,
      ),
    ).toBe(1);
  });

  it("is ended with the deadline's reason, and told so, even if it does not listen", async () => {
    let told: AbortSignal | undefined;
    const work = (signal: AbortSignal) => {
      told = signal;
      return forever;
    };
    await expect(withDeadline(1, () => enough, work, never)).rejects.toBe(enough);
    expect(told?.reason).toBe(enough);
  });

  it("is ended with the caller's reason, if that is earlier", async () => {
    const controller = new AbortController();
    const waiting = withDeadline(
      60_000,
      () => new Error("late"),
      () => forever,
      controller.signal,
    );
    controller.abort(enough);
    await expect(waiting).rejects.toBe(enough);
  });

  it("does not begin when its caller has given up", async () => {
    let begun = false;
    const work = async () => {
      begun = true;
    };
    await expect(withDeadline(60_000, () => new Error("late"), work, AbortSignal.abort(enough))).rejects.toBe(
      enough,
    );
    expect(begun).toBe(false);
  });
});

describe("sleep", () => {
  it("ends", async () => {
    await systemClock.sleep(1, never);
  });

  it("is ended by its signal at once", async () => {
    const controller = new AbortController();
    const sleeping = systemClock.sleep(600_000, controller.signal);
    controller.abort(enough);
    await expect(sleeping).rejects.toBe(enough);
    await expect(systemClock.sleep(600_000, controller.signal)).rejects.toBe(enough);
  });
});

it.each([
  ["the first failure", 1, 1, 100],
  ["the second failure", 2, 1, 200],
  ["the fourth failure", 4, 1, 800],
  ["many failures", 2000, 1, 1000],
  ["half the chance", 2, 0.5, 100],
  ["no chance", 9, 0, 0],
])("the wait after %s", (_, failures, random, expected) => {
  expect(backOffMs({ firstMs: 100, maxMs: 1000 }, failures, random)).toBe(expected);
});
