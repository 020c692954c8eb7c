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
  it("lets pass at once what is within the limit", async () => {
    const { ask, times } = asking(3);
    await Promise.all(many(3).map((name) => ask(name)));
    expect(times()).toEqual([0, 0, 0]);
  });

  it("has at most so many begin in any second, however they come", async () => {
    const { clock, ask, times } = asking(3);
    await ask("early");
    await clock.pass(900);
    for (const name of many(9)) void ask(name);
    await clock.pass(5_000);
    expect(times()).toEqual([0, 900, 900, 1000, 1900, 1900, 2000, 2900, 2900, 3000]);
    for (const begin of times()) {
      expect(times().filter((time) => time >= begin && time < begin + 1000).length).toBeLessThanOrEqual(3);
    }
  });

  it("serves in the order in which it was asked", async () => {
    const { clock, ask, names } = asking(1);
    for (const name of many(5)) void ask(name);
    await clock.pass(5_000);
    expect(names()).toEqual(many(5));
  });

  it("serves what is urgent before all that waits, and urgent ones in their order", async () => {
    const { clock, ask, names } = asking(1);
    await ask("first");
    for (const name of ["a", "b"]) void ask(name);
    for (const name of ["urgent 1", "urgent 2"]) void ask(name, { isUrgent: true });
    await clock.pass(5_000);
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
    await clock.pass(1_000);
    expect(turns).toEqual([
      ["first", 0],
      ["next", 1000],
    ]);
  });

  it("refuses who has gone before", async () => {
    const { ask, turns } = asking(1);
    const signal = AbortSignal.abort(new Error("gone"));
    await expect(ask("gone", { signal })).rejects.toThrow("gone");
    expect(turns).toEqual([]);
  });

  it("waits no longer than a second where the clock is set back by an hour", async () => {
    let setBack = 0;
    const { clock } = asking(1);
    const pacing = new Pacing(1, { ...clock, now: () => clock.now() - setBack });
    await pacing.turn(never);
    setBack = 3_600_000;
    const next = pacing.turn(never);
    await clock.pass(1_000);
    await next;
  });
});
