/** What the service is told of pulls: all of it, in the end, and nothing that is not so any more. */
import { Code, ConnectError } from "@connectrpc/connect";
import pino from "pino";
import { expect, it } from "vitest";
import { type Mark, Marks } from "../../src/prepuller/marks.ts";
import { manualClock } from "../support/kubernetes-clock.ts";
import { until } from "./world.ts";

const mark = (node: string): Mark => ({
  source: "lab",
  reference: "r.example/lab:1",
  digest: "sha256:1",
  node,
});
/** Of a first failure, by the clock of tests. */
const backOff = { from: 1_000, to: 2_000 };

function marks() {
  const clock = manualClock();
  const lines: string[] = [];
  const log = pino({}, { write: (text: string) => void lines.push(JSON.parse(text).msg) });
  const ending = new AbortController();
  const told: string[] = [];
  const world = {
    ...{ clock, lines, ending, told, atOnce: 0, mostAtOnce: 0 },
    code: undefined as Code | undefined,
    isTrue: (_: Mark) => true,
  };
  const rpc = {
    async markPrepulled({ node = "" }) {
      world.atOnce += 1;
      world.mostAtOnce = Math.max(world.mostAtOnce, world.atOnce);
      await new Promise(setImmediate);
      world.atOnce -= 1;
      told.push(node);
      if (world.code !== undefined) throw new ConnectError("no", world.code);
      return { applied: true };
    },
  };
  const made = new Marks(rpc as never, (one) => world.isTrue(one), log, clock, ending.signal);
  return Object.assign(world, { made });
}

it("are told at once, eight at a time", async () => {
  const world = marks();
  await world.made.add(Array.from({ length: 20 }, (_, index) => mark(`n${index}`)));
  expect(world.told).toHaveLength(20);
  expect(world.made.pending).toBe(0);
  expect(world.mostAtOnce).toBe(8);
});

it("are told again after a back-off, all of them, while the service does not answer; that is logged once", async () => {
  const world = marks();
  world.code = Code.Unavailable;
  await world.made.add([mark("n1"), mark("n2")]);
  expect(world.made.pending).toBe(2);
  await world.made.add([mark("n3")]); // nobody waits for it
  await world.clock.passSleep(backOff.from, backOff.to);
  await until("it was tried again", () => world.told.length >= 5);
  await world.clock.sleeper(backOff.to, 2 * backOff.to);
  world.code = undefined;
  await world.clock.passSleep(backOff.to, 2 * backOff.to);
  await until("all is told", () => world.made.pending === 0);
  expect(world.told.slice(-3).sort()).toEqual(["n1", "n2", "n3"]);
  expect(world.lines).toEqual(["cannot tell the service what was pulled; later"]);
});

it("are not told where they are not true any more by then", async () => {
  const world = marks();
  world.code = Code.Unavailable;
  await world.made.add([mark("n1"), mark("n2")]);
  world.code = undefined;
  world.isTrue = ({ node }) => node === "n2";
  await world.clock.passSleep(backOff.from, backOff.to);
  await until("nothing is left", () => world.made.pending === 0);
  expect(world.told).toEqual(["n1", "n2", "n2"]);
});

it.each([Code.InvalidArgument, Code.NotFound])(
  "are dropped, and that is logged, where the service refuses them: %i",
  async (code) => {
    const world = marks();
    world.code = code;
    await world.made.add([mark("n1")]);
    expect(world.made.pending).toBe(0);
    expect(world.lines).toEqual(["the service refuses the mark"]);
  },
);

it("are not told after the end", async () => {
  const world = marks();
  world.ending.abort(new Error("stop"));
  await world.made.add([mark("n1")]);
  expect(world.told).toEqual([]);
});

it("are waited for at the end of a round, but not for ever", async () => {
  const world = marks();
  world.code = Code.Unavailable;
  await world.made.add([mark("n1")]);
  const heard = world.made.heard(300);
  for (let look = 0; look < 3; look += 1) await world.clock.passSleep(100, 100);
  await heard;
  expect(world.made.pending).toBe(1);
});
