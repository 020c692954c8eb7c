/** When the registry is listed, and who shares a run (behaviour 9). */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refresh } from "../../src/sources/refresh.ts";

/** Runs that end when the test says so. */
function runs() {
  const started: { signal: AbortSignal; end: (succeeded: boolean) => Promise<void> }[] = [];
  const run = (signal: AbortSignal) => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const end = async (succeeded: boolean) => {
      resolve(succeeded);
      await vi.advanceTimersByTimeAsync(0);
    };
    started.push({ signal, end });
    return promise;
  };
  return { started, run };
}

const minute = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("Refresh", () => {
  it("all who ask while a run is under way share the next, which starts after it", async () => {
    const { started, run } = runs();
    const refresh = new Refresh(run, { refreshInterval: 0, refreshTimeout: minute });
    let ended = 0;
    void refresh.request();
    const late = Array.from({ length: 3 }, () => refresh.request().then(() => (ended += 1)));
    expect(started).toHaveLength(1);
    await started[0]?.end(true);
    expect([started.length, ended]).toEqual([2, 0]);
    await started[1]?.end(true);
    await Promise.all(late);
    expect([started.length, ended]).toEqual([2, 3]);
  });

  it("never runs twice at once, also when somebody asks in the moment between two runs", async () => {
    const { started, run } = runs();
    const refresh = new Refresh(run, { refreshInterval: 0, refreshTimeout: minute });
    void refresh.request().then(() => refresh.request());
    void refresh.request();
    await started[0]?.end(true);
    expect(started).toHaveLength(2);
    await started[1]?.end(true);
    expect(started).toHaveLength(2);
  });

  it("the interval counts from the end of the last run, whoever asked for it", async () => {
    const { started, run } = runs();
    const refresh = new Refresh(run, { refreshInterval: 5 * minute, refreshTimeout: minute });
    void refresh.request();
    await started[0]?.end(true);
    await vi.advanceTimersByTimeAsync(4 * minute);
    void refresh.request();
    await started[1]?.end(true);
    await vi.advanceTimersByTimeAsync(5 * minute - 1);
    expect(started).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toHaveLength(3);
  });

  it.each([
    ["whatever the interval", 60 * minute],
    ["also where there is no interval", 0],
  ])(
    "is tried again after 1, 2, 4 … s, at most 1 min, until it has worked once, %s",
    async (_, refreshInterval) => {
      const { started, run } = runs();
      const refresh = new Refresh(run, { refreshInterval, refreshTimeout: minute });
      void refresh.request();
      for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
        const before = started.length;
        await started.at(-1)?.end(false);
        await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
        expect(started).toHaveLength(before);
        await vi.advanceTimersByTimeAsync(1);
        expect(started).toHaveLength(before + 1);
      }
      await started.at(-1)?.end(true);
      const before = started.length;
      await vi.advanceTimersByTimeAsync(59 * minute);
      expect(started).toHaveLength(before);
    },
  );

  it("after the first success a failure waits for the interval", async () => {
    const { started, run } = runs();
    const refresh = new Refresh(run, { refreshInterval: minute, refreshTimeout: minute });
    void refresh.request();
    await started[0]?.end(true);
    await vi.advanceTimersByTimeAsync(minute);
    await started[1]?.end(false);
    await vi.advanceTimersByTimeAsync(minute - 1);
    expect(started).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toHaveLength(3);
  });

  it("a run that takes longer than refreshTimeout is told so", async () => {
    const { started, run } = runs();
    const refresh = new Refresh(run, { refreshInterval: 0, refreshTimeout: minute });
    void refresh.request();
    await vi.advanceTimersByTimeAsync(minute);
    expect(started[0]?.signal.reason).toMatchObject({ fault: "registry_unavailable" });
  });

  it("stopped, it ends the run under way and starts no other", async () => {
    const { started, run } = runs();
    const refresh = new Refresh(run, { refreshInterval: minute, refreshTimeout: minute });
    void refresh.request();
    const next = expect(refresh.request()).rejects.toMatchObject({ fault: "not_ready" });
    refresh.stop();
    expect(started[0]?.signal.reason).toMatchObject({ fault: "not_ready" });
    await started[0]?.end(false);
    await next;
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(started).toHaveLength(1);
  });
});
