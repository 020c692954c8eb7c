import { expect, it } from "vitest";
import { SingleFlight } from "../../src/async/single-flight.ts";

const never = new AbortController().signal;

it("does the work once for all who ask for it at the same time", async () => {
  const flights = new SingleFlight<number>();
  let runs = 0;
  const work = async () => {
    runs += 1;
    await Promise.resolve();
    return runs;
  };
  const ask = () => flights.run("key", work, never);
  expect(await Promise.all([ask(), ask(), flights.run("other", work, never)])).toEqual([2, 2, 2]);
  expect(await ask()).toBe(3);
});

it("tells all of a failure, and begins anew after it", async () => {
  const flights = new SingleFlight<number>();
  const fail = () => Promise.reject(new Error("no"));
  const both = [flights.run("key", fail, never), flights.run("key", fail, never)];
  for (const one of both) await expect(one).rejects.toThrow("no");
  expect(await flights.run("key", async () => 1, never)).toBe(1);
});

it("goes on for the others when one leaves, and is stopped when the last one does", async () => {
  const flights = new SingleFlight<string>();
  const signals: AbortSignal[] = [];
  const work = (signal: AbortSignal) => {
    signals.push(signal);
    return new Promise<string>(() => {});
  };
  const [first, second] = [new AbortController(), new AbortController()];
  const one = flights.run("key", work, first.signal);
  const two = flights.run("key", work, second.signal);
  first.abort(new Error("first"));
  await expect(one).rejects.toThrow("first");
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  second.abort(new Error("second"));
  await expect(two).rejects.toThrow("second");
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  // Nobody joins what was stopped.
  expect(await flights.run("key", async () => "new", never)).toBe("new");
});
