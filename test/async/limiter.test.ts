import { expect, it } from "vitest";
import { Limiter } from "../../src/async/limiter.ts";

/** Until everything that can go on without anybody's doing has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const never = new AbortController().signal;

/** Work that ends when it is told to, and what of it has begun, in order. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  return { begun, work, end: (name: string) => ends.get(name)?.() };
}

it("runs so many at once, first come first served", async () => {
  const { begun, work, end } = works();
  const limiter = new Limiter(2);
  const all = ["a", "b", "c", "d"].map((name) => limiter.run(work(name), never));
  expect(begun).toEqual(["a", "b"]);
  end("a");
  expect(await all[0]).toBe("a");
  await settled();
  expect(begun).toEqual(["a", "b", "c"]);
  end("b");
  await all[1];
  await settled();
  expect(begun).toEqual(["a", "b", "c", "d"]);
  end("c");
  end("d");
  expect(await Promise.all(all)).toEqual(["a", "b", "c", "d"]);
});

it("goes on after work that fails", async () => {
  const limiter = new Limiter(1);
  const fail = () => Promise.reject(new Error("no"));
  await expect(limiter.run(fail, never)).rejects.toThrow("no");
  expect(await limiter.run(async () => "yes", never)).toBe("yes");
});

it("lets go at once of who does not want to wait any more, and never runs the work", async () => {
  const { begun, work, end } = works();
  const limiter = new Limiter(1);
  const controller = new AbortController();
  const first = limiter.run(work("a"), never);
  const given = limiter.run(work("b"), controller.signal);
  const last = limiter.run(work("c"), never);
  controller.abort(new Error("enough"));
  await expect(given).rejects.toThrow("enough");
  end("a");
  await first;
  await settled();
  expect(begun).toEqual(["a", "c"]);
  end("c");
  await last;
});

it("passes on the turn of who gives up in the moment that it comes", async () => {
  const { begun, work, end } = works();
  const limiter = new Limiter(1);
  const controller = new AbortController();
  const first = limiter.run(work("a"), never);
  const given = limiter.run(work("c"), controller.signal).catch((error: Error) => error.message);
  const second = limiter.run(work("b"), never);
  end("a");
  void first.then(() => controller.abort(new Error("enough")));
  await first;
  await settled();
  end("c");
  await given;
  await settled();
  // Whether it was taken or not, the turn is the next one's now.
  expect(begun).toContain("b");
  end("b");
  expect(await second).toBe("b");
  expect(await limiter.run(async () => "free", never)).toBe("free");
});

it("does not begin for who has given up before", async () => {
  const { begun, work } = works();
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(new Limiter(1).run(work("a"), signal)).rejects.toThrow("enough");
  expect(begun).toEqual([]);
});
