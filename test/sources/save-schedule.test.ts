/** When a source's state is saved. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SaveSchedule } from "../../src/sources/save-schedule.ts";

/** Saves that end when the test says so. */
function saves() {
  const ends: ((succeeded: boolean) => Promise<void>)[] = [];
  const save = () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    ends.push(async (succeeded) => {
      resolve(succeeded);
      await vi.advanceTimersByTimeAsync(0);
    });
    return promise;
  };
  return { ends, schedule: new SaveSchedule(save) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("SaveSchedule", () => {
  it("saves a second after the first of several changes, once", async () => {
    const { ends, schedule } = saves();
    schedule.changed();
    await vi.advanceTimersByTimeAsync(900);
    schedule.changed();
    expect(ends).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(100);
    expect(ends).toHaveLength(1);
    await ends[0]?.(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ends).toHaveLength(1);
  });

  it("saves what changes meanwhile a second after the save has ended, one at a time", async () => {
    const { ends, schedule } = saves();
    schedule.changed();
    await vi.advanceTimersByTimeAsync(1_000);
    schedule.changed();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ends).toHaveLength(1);
    await ends[0]?.(true);
    await vi.advanceTimersByTimeAsync(999);
    expect(ends).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(ends).toHaveLength(2);
  });

  it("tries again after 2, 4, 8, 10, 10 s while it fails, and is as before once it has worked", async () => {
    const { ends, schedule } = saves();
    schedule.changed();
    await vi.advanceTimersByTimeAsync(1_000);
    for (const seconds of [2, 4, 8, 10, 10]) {
      const before = ends.length;
      await ends.at(-1)?.(false);
      schedule.changed();
      await vi.advanceTimersByTimeAsync(seconds * 1_000 - 1);
      expect(ends).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(ends).toHaveLength(before + 1);
    }
    await ends.at(-1)?.(true);
    schedule.changed();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ends).toHaveLength(7);
  });

  it("at the end saves at once what is not saved, after what is being saved", async () => {
    const { ends, schedule } = saves();
    schedule.changed();
    await vi.advanceTimersByTimeAsync(1_000);
    schedule.changed();
    const ended = schedule.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(ends).toHaveLength(1);
    await ends[0]?.(true);
    expect(ends).toHaveLength(2);
    await ends[1]?.(true);
    await ended;
  });

  it.each([
    ["where nothing has changed", false],
    ["where all is saved", true],
  ])("at the end saves nothing %s", async (_, hasChanged) => {
    const { ends, schedule } = saves();
    if (hasChanged) {
      schedule.changed();
      await vi.advanceTimersByTimeAsync(1_000);
      await ends[0]?.(true);
    }
    await schedule.end();
    expect(ends).toHaveLength(hasChanged ? 1 : 0);
  });

  it("after the end nothing is saved, also where the last save has failed; no timer is left", async () => {
    const { ends, schedule } = saves();
    schedule.changed();
    const ended = schedule.end();
    await vi.advanceTimersByTimeAsync(0);
    await ends[0]?.(false);
    await ended;
    schedule.changed();
    expect([ends.length, vi.getTimerCount()]).toEqual([1, 0]);
  });
});
