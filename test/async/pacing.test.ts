import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pacing } from "../../src/async/pacing.ts";
import { manualClock } from "../support/kubernetes-clock.ts";

const never = new AbortController().signal;

/** Who asks for turns, and when each one came, in milliseconds from the start. */
function asking(perSecond: number) {
  const clock = manualClock(0);
  const pacing = new Pacing(perSecond, clock);
  const turns: [string, number][] = [];
  const ask = async (name: string, { signal = never, isUrgent = false } = {}) => {
    await pacing.turn(signal, isUrgent);
    turns.push([name, clock.now()]);
  };
  const names = () => turns.map(([name]) => name);
  const times = () => turns.map(([, time]) => time);
  return { clock, ask, turns, names, times };
}

const many = (count: number) => Array.from({ length: count }, (_, index) => String(index));

describe("pacing", () => {
  it.each([
    [60, [0, 0, 0]],
    [20, [0, 53, 106]],
    [1, [0, 1060, 2120]],
  ])("of %i a second lets a twentieth begin at once, and no more", async (perSecond, begun) => {
    const { clock, ask, times } = asking(perSecond);
    for (const name of many(3)) void ask(name);
    await clock.pass(3_000);
    expect(times()).toEqual(begun);
  });

  it("has at most so many begin in any second, whenever they are asked for", async () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), pauses, async (perSecond, waits) => {
        const { clock, ask, times } = asking(perSecond);
        for (const wait of waits) {
          for (const name of many(1 + (wait % 7))) void ask(name);
          await clock.pass(wait);
        }
        await clock.pass(500_000);
        expect(times()).toHaveLength(waits.reduce((sum, wait) => sum + 1 + (wait % 7), 0));
        for (const begin of times())
          expect(times().filter((time) => time >= begin && time < begin + 1000).length).toBeLessThanOrEqual(
            perSecond,
          );
      }),
      { numRuns: 30 },
    );
  });

  it("leaves room for requests that are on the way for longer than those after them", async () => {
    const { clock, ask, times } = asking(20);
    for (const name of many(100)) void ask(name);
    await clock.pass(10_000);
    for (const begin of times())
      expect(times().filter((time) => time >= begin && time < begin + 1_050).length).toBeLessThanOrEqual(20);
  });

  it("serves in the order in which it was asked", async () => {
    const { clock, ask, names } = asking(1);
    for (const name of many(5)) void ask(name);
    await clock.pass(6_000);
    expect(names()).toEqual(many(5));
  });

  it("serves what is urgent before all that waits, and urgent ones in their order", async () => {
    const { clock, ask, names } = asking(1);
    await ask("first");
    for (const name of ["a", "b"]) void ask(name);
    for (const name of ["urgent 1", "urgent 2"]) void ask(name, { isUrgent: true });
    await clock.pass(6_000);
    expect(names()).toEqual(["first", "urgent 1", "urgent 2", "a", "b"]);
  });

  it("gives nobody's turn to who has gone", async () => {
    const { clock, ask, turns } = asking(1);
    await ask("first");
    const gone = new AbortController();
    const waiting = ask("gone", { signal: gone.signal });
    void ask("next");
    gone.abort(new Error("no longer needed"));
    await expect(waiting).rejects.toThrow("no longer needed");
    await clock.pass(1_060);
    expect(turns).toEqual([
      ["first", 0],
      ["next", 1060],
    ]);
  });

  it("refuses who has gone before", async () => {
    const { ask, turns } = asking(1);
    const signal = AbortSignal.abort(new Error("gone"));
    await expect(ask("gone", { signal })).rejects.toThrow("gone");
    expect(turns).toEqual([]);
  });

  it("waits no longer than from one to the next where the clock is set back by an hour", async () => {
    let setBack = 0;
    const { clock } = asking(1);
    const pacing = new Pacing(1, { ...clock, now: () => clock.now() - setBack });
    await pacing.turn(never);
    setBack = 3_600_000;
    const next = pacing.turn(never);
    await clock.pass(1_060);
    await next;
  });
});
